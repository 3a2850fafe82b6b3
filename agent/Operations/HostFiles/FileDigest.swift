// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc
import Jobs

/// The SHA-256 of what files hold.
enum FileDigest {
    /// The SHA-256 of bytes as 64 hexadecimal digits in lower case.
    static func sha256(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(SHA256.hash(data: bytes))
    }

    /// The SHA-256 of a file, read piece by piece.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, and when the run's time is over.
    static func sha256(ofFile path: String, in context: OperationContext) throws(OperationError) -> String {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw .system("cannot open '\(path)'", errno) }
        let file = FileDescriptor(owning: number)
        let size = 1 << 20
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        var hash = SHA256()
        while true {
            try context.checkTime()
            let count = read(file.number, buffer, size)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("cannot read '\(path)'", errno) }
            if count == 0 { return Hexadecimal.text(hash.finalize()) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(start: buffer, count: count))
        }
    }
}
