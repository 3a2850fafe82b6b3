// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads the small files in which the host tells of itself.
enum HostFile {
    /// The text of a file, at most `limit` bytes of it; nil if it cannot be read.
    static func read(_ path: String, limit: Int = 65_536) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let wanted = min(16_384, limit - bytes.count)
            let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                count = max(0, Glibc.read(file, buffer.baseAddress, wanted))
            }
            guard !part.isEmpty else { break }
            bytes += part
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
