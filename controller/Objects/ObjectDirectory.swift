// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where the bytes of objects are: a file for each SHA-256, and a directory for those that are coming in.
///
/// A file has its name only once all of it is on the disk; so a crash leaves whole objects and drafts, and drafts are
/// deleted at the next start.
package struct ObjectDirectory: Sendable {
    private let path: String
    private var incoming: String { path + "/incoming" }

    /// Opens a directory, and makes it where there is none; drafts that a crash has left are deleted.
    ///
    /// - Throws: `StoreError`.
    package init(path: String) throws {
        self.path = path
        for directory in [path, incoming] where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw Descriptor.failure(directory)
        }
        for draft in try Self.names(in: incoming) { unlink(incoming + "/" + draft) }
    }

    /// A file to write an object to, and where it is.
    func makeDraft() throws -> (file: Descriptor, path: String) {
        let path = incoming + "/" + String(UInt64.random(in: .min ... .max), radix: 16)
        return (try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL), path)
    }

    /// Gives a draft, which is on the disk, its place; one that has it already is passed over.
    func place(_ draft: String, as sha256: String) throws {
        if rename(draft, file(sha256)) != 0 {
            let failure = Descriptor.failure(draft)
            // A transaction that is tried again finds its first try.
            guard access(draft, F_OK) != 0, access(file(sha256), F_OK) == 0 else { throw failure }
        }
        try Descriptor(path, O_RDONLY | O_DIRECTORY).synchronise()
    }

    /// Takes an object out of sight; ``empty(_:)`` deletes it, which may take a while.
    func discard(_ sha256: String) throws {
        guard rename(file(sha256), incoming + "/gone-" + sha256) != 0, errno != ENOENT else { return }
        throw Descriptor.failure(file(sha256))
    }

    /// Deletes what was taken out of sight.
    func empty() {
        for name in (try? Self.names(in: incoming)) ?? [] where name.hasPrefix("gone-") {
            unlink(incoming + "/" + name)
        }
    }

    /// Opens an object for reading.
    func open(_ sha256: String) throws -> Descriptor {
        try Descriptor(file(sha256), O_RDONLY)
    }

    /// Deletes a draft that came to nothing.
    func delete(draft: String) { unlink(draft) }

    /// Takes away objects of which the store knows nothing: a crash came between file and record.
    ///
    /// - Parameter known: which of some the store knows.
    /// - Throws: what `known` throws, `StoreError`.
    func removeStrays(known: (Set<String>) async throws -> Set<String>) async throws {
        let names = Set(try Self.names(in: path).filter { $0.utf8.count == 64 })
        for stray in names.subtracting(try await known(names)) { unlink(file(stray)) }
    }

    private func file(_ sha256: String) -> String { path + "/" + sha256 }

    private static func names(in directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { throw Descriptor.failure(directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
