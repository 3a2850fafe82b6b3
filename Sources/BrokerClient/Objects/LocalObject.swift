// SPDX-License-Identifier: Apache-2.0

import Jobs
internal import Access
internal import Crypto
internal import Glibc
internal import NIOCore

/// A file that is to become an object: read a piece at a time, first for its hash and then to be sent.
final class LocalObject: Sendable {
    static let pieceBytes = 256 * 1024

    private let descriptor: Int32
    let path: String
    /// How many bytes it has.
    let size: Int64

    /// Opens a file.
    ///
    /// - Throws: ``BrokerClientError`` `invalidConfiguration` for what is no file that can be read.
    init(path: String) throws(BrokerClientError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw BrokerClientError(code: .invalidConfiguration, message: "\(path) is no regular file")
        }
        descriptor = opened
        size = Int64(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// The SHA-256 of the file as hexadecimal digits.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    func sha256() throws -> String {
        var hash = SHA256()
        var place: Int64 = 0
        while true {
            try Task.checkCancellation()
            let bytes = try piece(at: place)
            if bytes.isEmpty { return Hexadecimal.text(hash.finalize()) }
            hash.update(data: bytes)
            place += Int64(bytes.count)
        }
    }

    /// The bytes from a place on; none at the end.
    func piece(at place: Int64) throws(BrokerClientError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, filled in
            while filled < buffer.count {
                let got = pread(
                    descriptor,
                    buffer.baseAddress.map { $0 + filled },
                    buffer.count - filled,
                    off_t(place) + off_t(filled)
                )
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failed = true
                    return
                }
            }
        }
        if failed { throw Self.failure(path) }
        return bytes
    }

    private static func failure(_ path: String) -> BrokerClientError {
        BrokerClientError(code: .invalidConfiguration, message: "cannot read \(path): \(systemReason(errno))")
    }
}

/// The pieces of a file one after the other, telling how far it is.
struct LocalPieces: AsyncSequence, Sendable {
    let file: LocalObject
    let progress: @Sendable (Int64) -> Void

    struct AsyncIterator: AsyncIteratorProtocol {
        let pieces: LocalPieces
        var place: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            pieces.progress(place)
            // No more than was announced, should the file have grown.
            let bytes = try pieces.file.piece(at: place).prefix(Int(clamping: pieces.file.size - place))
            guard !bytes.isEmpty else { return nil }
            place += Int64(bytes.count)
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }
}
