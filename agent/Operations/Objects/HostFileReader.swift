// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc

/// A file of the host that is given to the controller: opened once, read a piece at a time.
final class HostFileReader: Sendable {
    private let descriptor: Int32
    private let path: String
    /// How many bytes it had when it was opened; no more are read.
    let size: Int64

    /// Opens a file.
    ///
    /// - Throws: ``OperationError``: `not_a_file` for what is none, `file_too_large`, and those of the system.
    init(_ path: String, atMost maximumBytes: Int64) throws(OperationError) {
        self.path = path
        // Not to wait where it is a pipe.
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw .system("cannot open '\(path)'", errno) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw OperationError("not_a_file", "'\(path)' is no regular file")
        }
        descriptor = opened
        size = Int64(status.st_size)
        guard size <= maximumBytes else {
            throw OperationError(
                "file_too_large",
                "'\(path)' has \(size) bytes, more than the \(maximumBytes) of maximum_bytes"
            )
        }
    }

    deinit {
        close(descriptor)
    }

    /// Reads bytes.
    ///
    /// - Throws: ``OperationError`` `file_changed` where the file has become shorter.
    func read(at offset: Int64, count: Int) throws(OperationError) -> [UInt8] {
        let (bytes, code) = positionedRead(descriptor, at: offset, count: count)
        if code != 0 { throw .system("cannot read '\(path)'", code) }
        guard bytes.count == count else { throw OperationError("file_changed", "'\(path)' became shorter meanwhile") }
        return bytes
    }

    /// The SHA-256 of the file; others have their turn while it is worked out.
    ///
    /// - Throws: ``OperationError``, `CancellationError`.
    func hash() async throws -> SHA256.Digest {
        var hash = SHA256()
        var place: Int64 = 0
        while place < size {
            try Task.checkCancellation()
            let bytes = try read(at: place, count: Int(min(256 * 1024, size - place)))
            hash.update(data: bytes)
            place += Int64(bytes.count)
            await Task.yield()
        }
        return hash.finalize()
    }
}
