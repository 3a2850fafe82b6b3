// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// Files whose mode is right from the first moment, so that a key is never readable by others, not even briefly.
package enum SecretFile {
    /// Makes a directory and those above it, as far as they are not there, mode 0700.
    package static func makeDirectory(_ path: String) throws(CredentialsError) {
        var built = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) == 0 {
                if let owner = owner(above: built) { _ = chown(built, owner.user, owner.group) }
            } else if errno != EEXIST {
                throw failure("make the directory", built)
            }
        }
    }

    /// To whom a new file or directory is to belong, where root makes it: to the owner of the directory it is in.
    ///
    /// So what an administrator does to the files of a service is of use to the service.
    private static func owner(above path: String) -> (user: uid_t, group: gid_t)? {
        guard geteuid() == 0 else { return nil }
        let end = path.lastIndex(of: "/")
        let parent = end.map { path[..<$0] }.map { $0.isEmpty ? "/" : String($0) } ?? "."
        var status = stat()
        guard stat(parent, &status) == 0 else { return nil }
        return (status.st_uid, status.st_gid)
    }

    /// Writes a file that must not exist yet.
    package static func create(_ path: String, with text: String, mode: mode_t) throws(CredentialsError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("create", path) }
        defer { _ = close(descriptor) }
        // The mode given to open() is narrowed by the umask, never widened; a certificate has to be readable.
        guard fchmod(descriptor, mode) == 0 else { throw failure("set the mode of", path) }
        if let owner = owner(above: path), fchown(descriptor, owner.user, owner.group) != 0 {
            throw failure("set the owner of", path)
        }
        var rest = Substring(text)
        while !rest.isEmpty {
            let written = rest.withCStringBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw failure("write", path) }
            rest = Substring(rest.utf8.dropFirst(written))
        }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    /// Writes a file in place of another in one step.
    package static func replace(_ path: String, with text: String, mode: mode_t) throws(CredentialsError) {
        let temporary = path + ".new"
        guard unlink(temporary) == 0 || errno == ENOENT else { throw failure("replace", temporary) }
        try create(temporary, with: text, mode: mode)
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
    }

    /// Where root made a file, gives it to the owner of a directory; for others it is theirs, and stays so.
    ///
    /// - Throws: ``CredentialsError``.
    package static func giveToOwner(of directory: String, _ path: String) throws(CredentialsError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat(directory, &status) == 0 else { throw failure("look at", directory) }
        guard chown(path, status.st_uid, status.st_gid) == 0 else { throw failure("give away", path) }
    }

    /// Gives a file that was written a name that nothing else has, in one step.
    ///
    /// - Throws: ``CredentialsError`` where the name is taken.
    package static func link(_ path: String, to name: String) throws(CredentialsError) {
        guard Glibc.link(path, name) == 0 else { throw failure("create", name) }
    }

    /// Takes a file away, if it is there.
    package static func remove(_ path: String) throws(CredentialsError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Takes an empty directory away, if it is there.
    package static func removeDirectory(_ path: String) throws(CredentialsError) {
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Whether there is anything at a path.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Reads a file of at most 1 MiB.
    package static func read(_ path: String) throws(CredentialsError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= 1 << 20 else { throw CredentialsError("\(path) is too long") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(_ verb: String, _ path: String) -> CredentialsError {
        CredentialsError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

extension Substring {
    fileprivate func withCStringBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        var copy = self
        return copy.withUTF8(body)
    }
}
