// SPDX-License-Identifier: Apache-2.0

import Access
import Crypto
import Jobs
import NIOPosix
import Synchronization

/// An object that is coming in: a file that grows, and the hash of what it has so far.
///
/// What is never finished is deleted with it. Nothing but the bytes at hand is in memory.
package final class ObjectDraft: Sendable {
    private struct State {
        var hash = SHA256()
        var size: Int64 = 0
        /// How much of it may still wait to be written to the disk.
        var unwritten = 0
    }

    private static let flushBytes = 16 << 20

    private let file: Descriptor
    private let state = Mutex(State())
    private let directory: ObjectDirectory
    private let place: UploadPlace
    private let maximumBytes: Int64
    let path: String

    init(in directory: ObjectDirectory, _ place: UploadPlace, maximumBytes: Int64) throws {
        (file, path) = try directory.makeDraft()
        self.directory = directory
        self.place = place
        self.maximumBytes = maximumBytes
    }

    deinit {
        directory.delete(draft: path)
    }

    /// How many bytes it has.
    package var size: Int64 { state.withLock { $0.size } }

    /// Adds bytes at the end.
    ///
    /// - Returns: whether so much waits to be written to the disk that ``flush()`` has to be called.
    /// - Throws: ``ObjectError`` `tooLarge` or `full`, `StoreError`.
    package func append(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        try state.withLock { state in
            guard state.size + Int64(bytes.count) <= maximumBytes else {
                throw ObjectError(.tooLarge, "an object has at most \(maximumBytes) bytes")
            }
            try place.take(bytes.count)
            try file.write(bytes)
            state.hash.update(bufferPointer: bytes)
            state.size += Int64(bytes.count)
            state.unwritten += bytes.count
            guard state.unwritten >= Self.flushBytes else { return false }
            state.unwritten = 0
            return true
        }
    }

    /// Waits until the disk has what was added so far, so that what waits in the system's memory has bounds too.
    ///
    /// - Throws: `StoreError`.
    package func flush() async throws {
        try await NIOThreadPool.singleton.runIfActive { [file] in try file.synchronise() }
    }

    /// The SHA-256 of all of it as hexadecimal digits, once it is on the disk.
    func seal() async throws -> String {
        try await NIOThreadPool.singleton.runIfActive { [file] in try file.synchronise() }
        return Hexadecimal.text(state.withLock { $0.hash.finalize() })
    }
}
