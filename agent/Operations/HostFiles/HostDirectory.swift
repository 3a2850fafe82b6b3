// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The name of something in a directory, in whatever encoding.
struct HostName: Hashable, Sendable {
    /// The bytes, ended by a NUL.
    let bytes: [CChar]

    /// Makes one of a text.
    init(_ text: some StringProtocol) {
        bytes = text.utf8.map(CChar.init(bitPattern:)) + [0]
    }

    /// Makes one of bytes ended by a NUL.
    init(bytes: [CChar]) {
        self.bytes = bytes
    }

    /// The name as text; bytes that are no UTF-8 are replaced.
    var text: String { String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
}

/// An open directory of the host, from which what is in it is reached by name and without following links.
///
/// So nobody who may write somewhere in a tree can lead the agent elsewhere in the middle of its work on it.
struct HostDirectory: ~Copyable, Sendable {
    /// The deepest tree that operations work on: each level takes a descriptor and a place on the stack.
    static let maximumDepth = 200

    /// Where it is, for messages.
    let path: String
    private let descriptor: FileDescriptor

    /// Opens the directory at a path; links on the way are followed as ``PathWalk`` says.
    init(_ path: String) throws(OperationError) {
        descriptor = try PathWalk.open(path)
        self.path = path
    }

    /// Opens a directory within another one; a link in its place is refused.
    init(_ name: HostName, in parent: borrowing HostDirectory) throws(OperationError) {
        let path = HostPath.joined(parent.path, name.text)
        let number = openat(parent.descriptor.number, name.bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { throw .system("cannot open the directory '\(path)'", errno) }
        descriptor = FileDescriptor(owning: number)
        self.path = path
    }

    /// A path by which programs that the agent starts reach this very directory, whatever becomes of its name.
    var openPath: String { "/proc/\(getpid())/fd/\(descriptor.number)" }

    /// Where it is now, without links on the way.
    func realPath() throws(OperationError) -> String {
        try HostPath.target(ofLink: "/proc/self/fd/\(descriptor.number)")
    }

    /// Where something in it is, for messages.
    func path(of name: HostName) -> String { HostPath.joined(path, name.text) }

    /// The names of all that is in it.
    func names() throws(OperationError) -> [HostName] {
        let number = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            throw .system("cannot read the directory '\(path)'", errno)
        }
        defer { closedir(stream) }
        var names: [HostName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            let name = HostName(bytes: bytes)
            if name.text != ".", name.text != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .system("cannot read the directory '\(path)'", errno) }
        return names
    }

    /// What a name stands for; nil for nothing.
    func state(of name: HostName) throws(OperationError) -> FileState? {
        var status = stat()
        guard fstatat(descriptor.number, name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .system("cannot look at '\(path(of: name))'", errno)
        }
        return FileState(status)
    }

    /// Where a link in it leads.
    func target(of name: HostName) throws(OperationError) -> HostName {
        var bytes = [CChar](repeating: 0, count: 4097)
        let count = readlinkat(descriptor.number, name.bytes, &bytes, bytes.count - 1)
        guard count >= 0 else { throw .system("cannot read the link '\(path(of: name))'", errno) }
        return HostName(bytes: Array(bytes[..<count]) + [0])
    }

    /// Opens a file in it to be read; a link in its place is refused, and nothing is waited for.
    ///
    /// - Returns: the descriptor; a negative number where that fails, and `errno` says why.
    func open(_ name: HostName) -> Int32 {
        openat(descriptor.number, name.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }

    /// Makes a file that only the agent's user may use, and opens it to be written.
    func makeFile(_ name: HostName) throws(OperationError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let number = openat(descriptor.number, name.bytes, flags, 0o600)
        guard number >= 0 else { throw .system("cannot make '\(path(of: name))'", errno) }
        return number
    }

    /// Makes a link.
    func makeLink(_ name: HostName, to target: String) throws(OperationError) {
        guard symlinkat(target, descriptor.number, name.bytes) == 0 else {
            throw .system("cannot make the link '\(path(of: name))'", errno)
        }
    }

    /// Gives a file in it a second name there; answers 0 or an errno.
    func addName(_ newName: HostName, of name: HostName) -> Int32 {
        linkat(descriptor.number, name.bytes, descriptor.number, newName.bytes, 0) == 0 ? 0 : errno
    }

    /// Waits until the names in it are on the disk.
    func synchronise() { fsync(descriptor.number) }

    /// Locks it until it is closed; answers false where somebody else has locked it.
    func lock() -> Bool { flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 }

    /// Takes away a file, a link or an empty directory.
    func remove(_ name: HostName, isDirectory: Bool) throws(OperationError) {
        guard unlinkat(descriptor.number, name.bytes, isDirectory ? AT_REMOVEDIR : 0) == 0 else {
            throw .system("cannot take away '\(path(of: name))'", errno)
        }
    }

    /// Takes away a file that was made in it for a while, and need not be there any more.
    func discard(_ name: HostName) { unlinkat(descriptor.number, name.bytes, 0) }

    /// Makes a directory that only the agent's user may use.
    func makeDirectory(_ name: HostName) throws(OperationError) {
        guard mkdirat(descriptor.number, name.bytes, 0o700) == 0 else {
            throw .system("cannot make the directory '\(path(of: name))'", errno)
        }
    }

    /// Gives something in it an owner, a group, and, where it is no link, a mode.
    ///
    /// - Parameters:
    ///   - name: what.
    ///   - rights: nil for what stays; a mode is set in any case, since a new owner may have taken bits of it away.
    ///   - present: what it is now.
    /// - Throws: ``OperationError``; the owner may be given already.
    func setRights(of name: HostName, _ rights: FileRights, present: FileState) throws(OperationError) {
        let number = descriptor.number
        let isOwner = rights.uid ?? present.uid == present.uid && rights.gid ?? present.gid == present.gid
        if !isOwner {
            let (uid, gid) = (rights.uid ?? UInt32.max, rights.gid ?? UInt32.max)
            guard fchownat(number, name.bytes, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .system("cannot give '\(path(of: name))' its owner", errno)
            }
        }
        let mode = rights.mode ?? present.mode
        guard present.kind != .link, !isOwner || mode != present.mode else { return }
        guard fchmodat(number, name.bytes, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system("cannot give '\(path(of: name))' its mode", errno)
        }
    }

    /// Moves something in it to another directory of the same file system, in the place of what is no directory there.
    func move(_ name: HostName, to other: borrowing HostDirectory, as newName: HostName) throws(OperationError) {
        guard renameat(descriptor.number, name.bytes, other.descriptor.number, newName.bytes) == 0 else {
            throw .system("cannot move '\(path(of: name))' to '\(other.path(of: newName))'", errno)
        }
    }
}
