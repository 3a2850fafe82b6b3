// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Files by which a host says whom it trusts and what it allows.
package enum LocalFile {
    /// The text of a file that only root and this process's user can change, or put another in its place.
    ///
    /// - Throws: ``LocalFileError`` where somebody else can, or where it cannot be read, is longer than `limit` bytes, or is
    ///   no UTF-8.
    package static func read(_ path: String, limit: Int) throws(LocalFileError) -> String {
        guard let stamp = try FileStamp(path: path) else { throw LocalFileError("there is no such file") }
        try stamp.check(path)
        return try text(path, limit: limit)
    }

    private static func text(_ path: String, limit: Int) throws(LocalFileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LocalFileError("it cannot be read: \(String(cString: strerror(errno)))") }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw LocalFileError("it cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw LocalFileError("it has more than \(limit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw LocalFileError("it is no UTF-8") }
        return text
    }
}
