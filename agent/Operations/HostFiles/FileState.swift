// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is at a path of the host, without following a link at its end.
package struct FileState: Hashable, Sendable {
    /// What kinds of things there are.
    package enum Kind: String, Sendable {
        case file, directory, link, device, fifo, socket
    }

    /// What it is.
    package let kind: Kind
    /// Permission bits with set-user-id, set-group-id and sticky.
    package let mode: UInt32
    /// The owner.
    package let uid: UInt32
    /// The group.
    package let gid: UInt32
    /// Bytes.
    package let size: Int64
    /// When its content was last written: milliseconds since 1970-01-01T00:00:00Z.
    package let modifiedMilliseconds: Int64

    /// What is at `path`; nil where there is nothing.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - following: whether a link at its end is followed.
    /// - Throws: ``OperationError`` where it cannot be found out.
    package init?(at path: String, following: Bool = false) throws(OperationError) {
        var status = stat()
        guard (following ? stat(path, &status) : lstat(path, &status)) == 0 else {
            // A link that leads round in a circle leads to nothing.
            if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
            throw .system("cannot look at '\(path)'", errno)
        }
        self.init(status)
    }

    /// Reads what the kernel tells.
    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
        mode = status.st_mode & 0o7777
        uid = status.st_uid
        gid = status.st_gid
        size = Int64(status.st_size)
        modifiedMilliseconds = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }

    /// The mode as it is written: `0644`.
    package var modeText: String { Self.text(ofMode: mode) }

    /// A mode as it is written: `0644`.
    package static func text(ofMode mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
