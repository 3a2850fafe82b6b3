// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What tells one state of a file from the next, and who can change it.
package struct FileStamp: Equatable, Sendable {
    private let device: UInt
    private let file: UInt
    private let size: Int
    private let mode: UInt32
    private let owner: UInt32
    private let modifiedAt: [Int]
    private let changedAt: [Int]

    /// Looks at a file; nil where there is none.
    ///
    /// - Throws: ``LocalFileError`` where it cannot be looked at.
    package init?(path: String) throws(LocalFileError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw LocalFileError("it cannot be looked at: \(String(cString: strerror(errno)))")
        }
        device = UInt(status.st_dev)
        file = UInt(status.st_ino)
        size = Int(status.st_size)
        mode = status.st_mode
        owner = status.st_uid
        modifiedAt = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        changedAt = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    /// Whether only root and this process's user can change the file, or put another in its place.
    ///
    /// - Throws: ``LocalFileError`` where somebody else can.
    package func check(_ path: String) throws(LocalFileError) {
        guard mode & S_IFMT == S_IFREG else { throw LocalFileError("it is no file") }
        try checkHands(on: "it")
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let parent = try FileStamp(path: directory) else { throw LocalFileError("its directory is gone") }
        try parent.checkHands(on: "its directory")
    }

    /// Whether a directory can be changed, or another put in its place, by root and this process's user alone.
    ///
    /// - Parameter path: the directory, by its absolute path.
    /// - Throws: ``LocalFileError`` where somebody else can, or it is none; so too for one of those that it is in, unless
    ///   what is in there can be renamed by its owner alone (the sticky bit).
    package func checkDirectory(_ path: String) throws(LocalFileError) {
        guard mode & S_IFMT == S_IFDIR else { throw LocalFileError("it is no directory") }
        try checkHands(on: "it")
        var parent = path
        while let slash = parent.lastIndex(of: "/"), parent != "/" {
            parent = slash == parent.startIndex ? "/" : String(parent[..<slash])
            guard let stamp = try FileStamp(path: parent) else { throw LocalFileError("'\(parent)' is gone") }
            if stamp.mode & S_ISVTX == 0 { try stamp.checkHands(on: "'\(parent)'") }
        }
    }

    private func checkHands(on what: String) throws(LocalFileError) {
        guard owner == 0 || owner == geteuid() else {
            throw LocalFileError("\(what) belongs to the user \(owner), and not to root or the agent's user")
        }
        guard mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw LocalFileError(
                "\(what) can be written by others than its owner (mode \(String(mode & 0o7777, radix: 8)))"
            )
        }
    }
}
