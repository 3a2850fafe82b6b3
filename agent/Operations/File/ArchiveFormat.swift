// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The kinds of archives that can be unpacked, told by their first bytes.
enum ArchiveFormat: String, Sendable {
    case tar
    case gzip = "tar.gz"
    case bzip2 = "tar.bz2"
    case xz = "tar.xz"
    case zstd = "tar.zst"
    case zip

    /// What a file is.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, or is nothing of these.
    init(ofFile path: String) throws(OperationError) {
        let head = try HostFile.head(path, count: 512)
        guard let format = ArchiveFormat(head: head) else {
            throw OperationError("unknown_format", "'\(path)' is no tar (plain, gzip, bzip2, xz, zstd) and no zip")
        }
        self = format
    }

    /// What begins with some bytes; nil for nothing of these.
    init?(head: [UInt8]) {
        if head.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if head.starts(with: "BZh".utf8) {
            self = .bzip2
        } else if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            self = .zip
        } else if head.dropFirst(257).starts(with: "ustar".utf8) {
            self = .tar
        } else {
            return nil
        }
    }

    /// The programs that unpacking needs.
    var tools: [String] {
        switch self {
        case .tar: ["tar"]
        case .gzip: ["tar", "gzip"]
        case .bzip2: ["tar", "bzip2"]
        case .xz: ["tar", "xz"]
        case .zstd: ["tar", "zstd"]
        case .zip: ["unzip"]
        }
    }

    /// The exit codes of these programs that are no failure; 1 of unzip is a warning.
    var okExitCodes: Set<Int32> { self == .zip ? [0, 1] : [0] }

    /// What names the members of an archive, one a line.
    func listing(_ path: String) -> [String] {
        self == .zip ? ["unzip", "-Z1", path] : ["tar", "-t"] + filter + ["-f", path]
    }

    /// What unpacks an archive into a directory: with the modes of the members, but not their owners, who are of another host.
    func extraction(_ path: String, into directory: String) -> [String] {
        if self == .zip { return ["unzip", "-q", "-o", path, "-d", directory] }
        return ["tar", "-x", "-p", "-o"] + filter + ["-f", path, "-C", directory]
    }

    private var filter: [String] {
        switch self {
        case .tar, .zip: []
        case .gzip: ["-z"]
        case .bzip2: ["-j"]
        case .xz: ["-J"]
        case .zstd: ["--zstd"]
        }
    }
}

extension HostFile {
    /// The first bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - count: bytes at most.
    /// - Returns: the bytes.
    /// - Throws: ``OperationError`` where it cannot be read.
    static func head(_ path: String, count: Int) throws(OperationError) -> [UInt8] {
        try part(path, at: 0, SEEK_SET, count: count)
    }

    /// Whether the last bytes of a file are zeros, as a tar has them at its end (POSIX.1-2017, pax, "ustar Interchange
    /// Format"); tar itself takes one that was cut off in the middle for a whole one.
    static func endsWithZeros(_ path: String, count: Int) throws(OperationError) -> Bool {
        try part(path, at: -count, SEEK_END, count: count).allSatisfy { $0 == 0 }
    }

    private static func part(
        _ path: String,
        at offset: Int,
        _ whence: Int32,
        count: Int
    ) throws(OperationError) -> [UInt8] {
        let file = FileDescriptor(owning: open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK))
        guard file.number >= 0, lseek(file.number, off_t(offset), whence) >= 0 else {
            throw .system("cannot read '\(path)'", errno)
        }
        var bytes = [UInt8](repeating: 0, count: count)
        var size = 0
        while size < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file.number, buffer.baseAddress?.advanced(by: size), count - size)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system("cannot read '\(path)'", errno) }
            if got == 0 { break }
            size += got
        }
        return Array(bytes[..<size])
    }
}
