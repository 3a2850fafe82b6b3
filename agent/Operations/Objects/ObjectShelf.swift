// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The directory of the objects that a host has, and how much there may be.
///
/// `SHA256` is a whole object, `SHA256.part` one that is on its way. What is in use stays; of the rest that goes first which
/// was not used for longest.
final class ObjectShelf: Sendable {
    private struct State {
        /// What is in use, and how many bytes it has or will have.
        var used: [String: (count: Int, size: Int64)] = [:]
    }

    private struct Entry {
        let name: String
        let size: Int64
        let usedAt: timespec
    }

    private let directory: String
    private let maximumBytes: Int64
    private let state = Mutex(State())

    /// Makes a shelf, and its directory where there is none.
    ///
    /// - Throws: ``OperationError`` where it cannot be made, or others may write there.
    init(directory: String, maximumBytes: Int64) throws(OperationError) {
        self.directory = directory
        self.maximumBytes = maximumBytes
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw .system("cannot make '\(directory)'", errno)
        }
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw OperationError("permission_denied", "'\(directory)' is no directory of the agent's user")
        }
        guard chmod(directory, 0o700) == 0 else { throw .system("cannot change the mode of '\(directory)'", errno) }
    }

    func path(_ sha256: String) -> String { directory + "/" + sha256 }
    func draft(_ sha256: String) -> String { directory + "/" + sha256 + ".part" }

    /// Makes room for an object and keeps it until ``release(_:)``.
    ///
    /// - Throws: ``OperationError`` `object_too_large` where there cannot be room for it, or others in use take it up.
    func reserve(_ sha256: String, size: Int64) throws(OperationError) {
        guard size <= maximumBytes else {
            throw OperationError(
                "object_too_large",
                "the object has \(size) bytes, and this host keeps \(maximumBytes) of objects (objects.cache_bytes)"
            )
        }
        try state.withLock { (state) throws(OperationError) in
            Self.keep(sha256, size, &state)
            do throws(OperationError) {
                try makeRoom(state.used)
            } catch {
                Self.release(sha256, &state)
                throw error
            }
        }
    }

    /// Whether there is a file of an object, whatever is in it.
    func has(_ sha256: String) -> Bool { access(path(sha256), F_OK) == 0 }

    /// Keeps an object that is there until ``release(_:)``; nothing has to make room for it.
    func keep(_ sha256: String, size: Int64) {
        state.withLock { Self.keep(sha256, size, &$0) }
    }

    /// Takes away what there is of an object.
    func remove(_ sha256: String) { unlink(path(sha256)) }

    /// Notes that an object was used just now.
    func noteUse(of sha256: String) { _ = utimensat(AT_FDCWD, path(sha256), nil, AT_SYMLINK_NOFOLLOW) }

    /// Lets an object go that is not used any more.
    func release(_ sha256: String) {
        state.withLock { Self.release(sha256, &$0) }
    }

    private static func keep(_ sha256: String, _ size: Int64, _ state: inout State) {
        state.used[sha256] = ((state.used[sha256]?.count ?? 0) + 1, size)
    }

    private static func release(_ sha256: String, _ state: inout State) {
        guard let use = state.used[sha256] else { return }
        state.used[sha256] = use.count > 1 ? (use.count - 1, use.size) : nil
    }

    private func makeRoom(_ used: [String: (count: Int, size: Int64)]) throws(OperationError) {
        var needed = used.values.reduce(0) { $0 + $1.size }
        var idle: [Entry] = []
        for entry in entries() where used[String(entry.name.prefix(64))] == nil {
            needed += entry.size
            idle.append(entry)
        }
        idle.sort { ($0.usedAt.tv_sec, $0.usedAt.tv_nsec) < ($1.usedAt.tv_sec, $1.usedAt.tv_nsec) }
        for entry in idle where needed > maximumBytes {
            if unlink(directory + "/" + entry.name) == 0 { needed -= entry.size }
        }
        guard needed <= maximumBytes else {
            throw OperationError(
                "object_too_large",
                "objects that are in use take up the \(maximumBytes) bytes of this host (objects.cache_bytes)"
            )
        }
    }

    private func entries() -> [Entry] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard name.utf8.count >= 64, lstat(directory + "/" + name, &status) == 0 else { continue }
            entries.append(Entry(name: name, size: Int64(status.st_size), usedAt: status.st_mtim))
        }
        return entries
    }
}
