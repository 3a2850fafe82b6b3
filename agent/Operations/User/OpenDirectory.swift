// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory that stays the same one, whatever somebody puts in the place of its path.
final class OpenDirectory: Sendable {
    /// How messages name it.
    let path: String
    private let number: Int32

    private init(_ number: Int32, _ path: String) {
        self.number = number
        self.path = path
    }

    deinit {
        close(number)
    }

    /// Opens a directory at a path of the host that only root can have made.
    ///
    /// - Throws: ``OperationError`` where there is none.
    init(at path: String) throws(OperationError) {
        number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .system("cannot open the directory '\(path)'", errno) }
        self.path = path
    }

    /// A directory in it, without following a link; nil if there is none.
    ///
    /// - Throws: ``OperationError`` for a link, and for what is no directory.
    func directory(_ name: String) throws(OperationError) -> OpenDirectory? {
        let inner = openat(number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if inner < 0, errno == ENOENT { return nil }
        guard inner >= 0 else {
            // Linux says of a link here that it is no directory.
            throw .system("'\(path)/\(name)' is a link or no directory, and is left alone", errno)
        }
        return OpenDirectory(inner, "\(path)/\(name)")
    }

    /// Makes a directory in it.
    func makeDirectory(_ name: String, mode: UInt32, uid: UInt32, gid: UInt32) throws(OperationError) -> OpenDirectory {
        guard mkdirat(number, name, mode) == 0 else { throw .system("cannot make '\(path)/\(name)'", errno) }
        guard let inner = try directory(name), fchown(inner.number, uid, gid) == 0 else {
            removeDirectory(name)
            throw .system("cannot give '\(path)/\(name)' its owner", errno)
        }
        return inner
    }

    /// Takes an empty directory in it away.
    func removeDirectory(_ name: String) {
        unlinkat(number, name, AT_REMOVEDIR)
    }

    /// What it is.
    func state() throws(OperationError) -> FileState {
        guard let state = try FileState(at: own, following: true) else {
            throw .system("cannot look at '\(path)'", ENOENT)
        }
        return state
    }

    /// The content and the state of a file in it, without following a link; nil if there is none.
    ///
    /// - Throws: ``OperationError`` for a link, for what is no file, and for a file that has other names elsewhere.
    func file(_ name: String, limit: Int) throws(OperationError) -> (content: [UInt8], state: FileState)? {
        let opened = openat(number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if opened < 0, errno == ENOENT { return nil }
        guard opened >= 0 else {
            let reason = errno == ELOOP ? "is a link, and is left alone" : "cannot be opened"
            throw .system("'\(path)/\(name)' \(reason)", errno)
        }
        let file = FileDescriptor(owning: opened)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw .system("cannot look at '\(path)/\(name)'", errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw OperationError("not_a_file", "'\(path)/\(name)' is no file, or has a second name elsewhere")
        }
        let open = try OpenFile(owning: file, "\(path)/\(name)")
        return (try open.bytes(limit: limit), open.state)
    }

    /// A path that leads to this directory as long as it is open.
    var own: String { "/proc/self/fd/\(number)" }
}
