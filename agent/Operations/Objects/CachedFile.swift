// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc

/// A file of the cache, open for reading and writing; closed with the last reference.
final class CachedFile: Sendable {
    private static let chunk = 256 * 1024

    private let descriptor: Int32
    private let path: String

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - creating: whether it is made where there is none.
    /// - Throws: ``OperationError``.
    init(_ path: String, creating: Bool) throws(OperationError) {
        self.path = path
        descriptor = open(path, (creating ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("cannot open '\(path)'", errno) }
    }

    deinit {
        close(descriptor)
    }

    /// How many bytes it has; 0 for what is no regular file.
    var size: Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int64(status.st_size)
    }

    /// The hash of the first `count` bytes; others have their turn while it is worked out.
    ///
    /// - Throws: ``OperationError``, `CancellationError`.
    func hash(first count: Int64) async throws -> SHA256 {
        var hash = SHA256()
        var place: Int64 = 0
        while place < count {
            try Task.checkCancellation()
            let bytes = try read(at: place, count: Int(min(Int64(Self.chunk), count - place)))
            guard !bytes.isEmpty else { break }
            hash.update(data: bytes)
            place += Int64(bytes.count)
            await Task.yield()
        }
        return hash
    }

    /// Reads bytes from a place; fewer at the end.
    func read(at offset: Int64, count: Int) throws(OperationError) -> [UInt8] {
        let (bytes, code) = positionedRead(descriptor, at: offset, count: count)
        if code != 0 { throw .system("cannot read '\(path)'", code) }
        return bytes
    }

    /// Writes bytes at a place.
    func write(_ bytes: [UInt8], at offset: Int64) throws(OperationError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor,
                    buffer.baseAddress.map { $0 + done },
                    buffer.count - done,
                    off_t(offset) + off_t(done)
                )
            }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw .system("cannot write '\(path)'", errno)
            }
        }
    }

    /// Makes the file as short as this.
    func truncate(to size: Int64) throws(OperationError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .system("cannot write '\(path)'", errno) }
    }

    /// Waits until all of it is on the disk.
    func synchronise() throws(OperationError) {
        guard fsync(descriptor) == 0 else { throw .system("cannot write '\(path)'", errno) }
    }
}

/// Reads bytes from a place of a file, as many as there are up to `count`.
///
/// - Returns: the bytes, and the errno where they could not be read; else 0.
func positionedRead(_ descriptor: Int32, at offset: Int64, count: Int) -> (bytes: [UInt8], code: Int32) {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
            let got = pread(
                descriptor,
                buffer.baseAddress.map { $0 + filled },
                count - filled,
                off_t(offset) + off_t(filled)
            )
            if got > 0 {
                filled += got
            } else if got == 0 {
                return
            } else if errno != EINTR {
                code = errno
                return
            }
        }
    }
    return (bytes, code)
}
