// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What tells one state of a file from the next, and who can change it.
struct FileStamp: Equatable {
    private let device: UInt
    private let file: UInt
    private let size: Int
    private let mode: UInt32
    private let owner: UInt32
    private let modifiedAt: [Int]
    private let changedAt: [Int]

    /// Looks at a file; nil where there is none.
    ///
    /// - Throws: ``PolicyError`` where it cannot be looked at.
    init?(path: String) throws(PolicyError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw PolicyError("it cannot be looked at: \(String(cString: strerror(errno)))")
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
    /// - Throws: ``PolicyError`` where somebody else can.
    func check(_ path: String) throws(PolicyError) {
        guard mode & S_IFMT == S_IFREG else { throw PolicyError("it is no file") }
        try checkHands(on: "it")
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let parent = try FileStamp(path: directory) else { throw PolicyError("its directory is gone") }
        try parent.checkHands(on: "its directory")
    }

    private func checkHands(on what: String) throws(PolicyError) {
        guard owner == 0 || owner == geteuid() else {
            throw PolicyError("\(what) belongs to the user \(owner), and not to root or the agent's user")
        }
        guard mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw PolicyError(
                "\(what) can be written by others than its owner (mode \(String(mode & 0o7777, radix: 8)))"
            )
        }
    }
}

/// Reads files that are not large.
enum SmallFile {
    /// The text of a file.
    ///
    /// - Throws: ``PolicyError`` where it cannot be read, is longer than `limit` bytes, or is no UTF-8.
    static func read(_ path: String, limit: Int) throws(PolicyError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PolicyError("it cannot be read: \(String(cString: strerror(errno)))") }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw PolicyError("it cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw PolicyError("it has more than \(limit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw PolicyError("it is no UTF-8") }
        return text
    }
}
