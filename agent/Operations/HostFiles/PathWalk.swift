// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The way to a directory of the host, gone one name after the other.
///
/// Links of root and of the agent's user are followed. One that belongs to somebody else is followed only to a directory of
/// theirs: they could else have the agent read or write in their stead where they may not.
struct PathWalk: ~Copyable {
    /// As many as the kernel follows (path_resolution(7)).
    private static let maximumLinks = 40
    /// `O_PATH`, which the module Glibc leaves out: to look and to go on from there needs no right to read.
    private static let lookOnly = __O_PATH | O_CLOEXEC

    private let path: String
    private var place: FileDescriptor
    /// The names that are still to be gone, the next one last.
    private var pending: [HostName]
    private var followed = 0
    /// To whom the links on the way belong that are not trusted.
    private var strangers: Set<UInt32> = []

    /// Opens the directory at a path.
    ///
    /// - Throws: ``OperationError`` where there is none, and `is_a_link` for a link that is not followed.
    static func open(_ path: String) throws(OperationError) -> FileDescriptor {
        var walk = try PathWalk(path)
        while let name = walk.pending.popLast() { try walk.go(to: name) }
        return try walk.end()
    }

    private init(_ path: String) throws(OperationError) {
        self.path = path
        pending = Self.names(in: path.utf8.map(CChar.init(bitPattern:)))
        place = try Self.start(path.utf8.first == UInt8(ascii: "/") ? "/" : ".")
    }

    private static func start(_ path: String) throws(OperationError) -> FileDescriptor {
        let number = Glibc.open(path, lookOnly | O_DIRECTORY)
        guard number >= 0 else { throw .system("cannot open the directory '\(path)'", errno) }
        return FileDescriptor(owning: number)
    }

    /// The names of a path, the first one last.
    private static func names(in path: [CChar]) -> [HostName] {
        path.split(separator: CChar(bitPattern: UInt8(ascii: "/"))).reversed().map { HostName(bytes: Array($0) + [0]) }
    }

    private mutating func go(to name: HostName) throws(OperationError) {
        let next = try look(at: name, O_NOFOLLOW)
        let status = try status(of: next)
        guard status.st_mode & S_IFMT == S_IFLNK else {
            place = next
            return
        }
        // What those lead to says the kernel alone, and nobody can put others in their place.
        if status.st_dev == Self.processes {
            place = try look(at: name, 0)
            return
        }
        followed += 1
        guard followed <= Self.maximumLinks else { throw failure(ELOOP) }
        if status.st_uid != 0, status.st_uid != geteuid() { strangers.insert(status.st_uid) }
        var target = [CChar](repeating: 0, count: 4097)
        let count = readlinkat(next.number, "", &target, target.count - 1)
        guard count > 0 else { throw failure(count < 0 ? errno : ENOENT) }
        if target[0] == CChar(bitPattern: UInt8(ascii: "/")) { place = try Self.start("/") }
        pending += Self.names(in: Array(target[..<count]))
    }

    /// The device of the file system in which the kernel shows processes and their open files.
    private static var processes: dev_t? {
        var status = stat()
        return stat("/proc", &status) == 0 ? status.st_dev : nil
    }

    private func look(at name: HostName, _ flags: Int32) throws(OperationError) -> FileDescriptor {
        let number = openat(place.number, name.bytes, Self.lookOnly | flags)
        guard number >= 0 else { throw failure(errno) }
        return FileDescriptor(owning: number)
    }

    private func status(of file: borrowing FileDescriptor) throws(OperationError) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw failure(errno) }
        return status
    }

    private func end() throws(OperationError) -> FileDescriptor {
        // One that may not be read may still be gone into.
        var number = openat(place.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if number < 0, errno == EACCES { number = openat(place.number, ".", Self.lookOnly | O_DIRECTORY) }
        guard number >= 0 else { throw failure(errno) }
        let directory = FileDescriptor(owning: number)
        let owner = try status(of: directory).st_uid
        if let stranger = strangers.first(where: { $0 != owner }) {
            throw OperationError(
                "is_a_link",
                "a link of the user \(stranger) in '\(path)' leads to a directory of the user \(owner), and is not "
                    + "followed; name that directory itself"
            )
        }
        return directory
    }

    private func failure(_ code: Int32) -> OperationError { .system("cannot open the directory '\(path)'", code) }
}
