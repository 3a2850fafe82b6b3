// SPDX-License-Identifier: Apache-2.0

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
    init(of file: OpenFile) throws(OperationError) {
        guard let format = ArchiveFormat(head: try file.read(at: 0, count: 512)) else {
            throw OperationError("unknown_format", "'\(file.path)' is no tar (plain, gzip, bzip2, xz, zstd) and no zip")
        }
        self = format
    }

    /// Whether a file has its end: a tar has zeros there (POSIX.1-2017, pax, "ustar Interchange Format"), and tar itself takes
    /// one that was cut off in the middle for a whole one.
    func isWhole(_ file: OpenFile) throws(OperationError) -> Bool {
        guard self == .tar else { return true }
        return try file.read(at: max(0, file.state.size - 512), count: 512).allSatisfy { $0 == 0 }
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
