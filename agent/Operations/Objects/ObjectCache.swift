// SPDX-License-Identifier: Apache-2.0

import Access
import Crypto
import Glibc
package import Jobs
package import Logging

/// The objects that a host has fetched: each is fetched once, in pieces, and used when its SHA-256 is what it must be.
///
/// A fetch that was interrupted goes on where it ended, whatever interrupted it: the link, the agent, the host. What comes out
/// as other bytes than it must be is thrown away and fetched once more. A file is verified each time before it is used.
package final class ObjectCache: ObjectSource {
    /// Bytes of an object as the controller sent them.
    package struct Piece: Sendable {
        /// How many bytes the object has.
        package let totalBytes: Int64
        /// The bytes from the place on that was asked for.
        package let bytes: [UInt8]

        /// Makes a value of its parts.
        package init(totalBytes: Int64, bytes: [UInt8]) {
            self.totalBytes = totalBytes
            self.bytes = bytes
        }
    }

    /// The way to the controller.
    package protocol Courier: Sendable {
        /// Brings bytes of an object.
        ///
        /// - Throws: ``OperationError`` where they are refused; `CancellationError`.
        func piece(of sha256: String, at offset: Int64, count: Int) async throws -> Piece

        /// Says that no more of an object is needed; what comes of that does not matter.
        func done(with sha256: String, at offset: Int64)

        /// Takes bytes of a file to the controller.
        ///
        /// - Returns: how many it has, and the object once it has all.
        /// - Throws: ``OperationError`` where they are refused; `CancellationError`.
        func send(_ part: FilePart) async throws -> (held: Int64, object: ObjectReference?)
    }

    /// Bytes of a file that goes to the controller.
    package struct FilePart: Sendable {
        /// The job.
        package let jobID: JobID
        /// Where the bytes begin.
        package let offset: Int64
        /// The bytes.
        package let bytes: [UInt8]
        /// How many bytes the file has.
        package let totalBytes: Int64
        /// With the last bytes: the SHA-256 of all of them.
        package let sha256: String?

        /// Makes a value of its parts.
        package init(jobID: JobID, offset: Int64, bytes: [UInt8], totalBytes: Int64, sha256: String?) {
            self.jobID = jobID
            self.offset = offset
            self.bytes = bytes
            self.totalBytes = totalBytes
            self.sha256 = sha256
        }
    }

    /// How many bytes are asked for at once.
    package static let pieceBytes = 256 * 1024
    /// How many bytes of a file come first: while many hosts give files at once, the first piece is sent again and again, until
    /// there is a place for the file.
    package static let firstBytes = 16 * 1024

    private let shelf: ObjectShelf
    private let courier: any Courier
    private let turns = KeyedTurns()
    private let logger: Logger

    /// Makes a cache.
    ///
    /// - Parameters:
    ///   - directory: where the objects are; made where it is not there.
    ///   - maximumBytes: the most bytes of all of them.
    ///   - courier: the way to the controller.
    ///   - logger: for what was thrown away.
    /// - Throws: ``OperationError`` where the directory cannot be used.
    package init(directory: String, maximumBytes: Int64, courier: any Courier, logger: Logger) throws(OperationError) {
        shelf = try ObjectShelf(directory: directory, maximumBytes: maximumBytes)
        self.courier = courier
        self.logger = logger
    }

    package func held(_ object: ObjectReference) async throws -> ObjectFile? {
        let (sha256, size) = try object.resolved()
        return try await turns.take(sha256) {
            guard shelf.has(sha256) else { return nil }
            shelf.keep(sha256, size: size)
            let file = file(sha256)
            return try await isIntact(sha256, size) ? file : nil
        }
    }

    package func fetch(_ object: ObjectReference) async throws -> ObjectFile {
        let (sha256, size) = try object.resolved()
        return try await turns.take(sha256) {
            try shelf.reserve(sha256, size: size)
            let file = file(sha256)
            if shelf.has(sha256) {
                if try await isIntact(sha256, size) {
                    file.noteUse()
                    return file
                }
                logger.warning("an object of the cache was damaged", metadata: ["object.sha256": "\(sha256)"])
                shelf.remove(sha256)
            }
            try await download(object.name, sha256, size)
            return file
        }
    }

    /// The file of an object that is kept; it is let go with the file.
    private func file(_ sha256: String) -> ObjectFile {
        ObjectFile(
            path: shelf.path(sha256),
            use: { [shelf] in shelf.noteUse(of: sha256) },
            release: { [shelf] in shelf.release(sha256) }
        )
    }

    /// Whether what is there of an object is all of it.
    private func isIntact(_ sha256: String, _ size: Int64) async throws -> Bool {
        let file = try CachedFile(shelf.path(sha256), creating: false)
        guard file.size == size else { return false }
        return Hexadecimal.text(try await file.hash(first: size).finalize()) == sha256
    }

    // MARK: Giving

    package func store(_ path: String, atMost maximumBytes: Int64, for jobID: JobID) async throws -> ObjectReference {
        let file = try HostFileReader(path, atMost: maximumBytes)
        var (place, hash) = (Int64(0), SHA256())
        while true {
            try Task.checkCancellation()
            let most = Int64(place == 0 ? Self.firstBytes : Self.pieceBytes)
            let bytes = try file.read(at: place, count: Int(min(most, file.size - place)))
            hash.update(data: bytes)
            let end = place + Int64(bytes.count)
            let isLast = end == file.size
            let part = FilePart(
                jobID: jobID,
                offset: place,
                bytes: bytes,
                totalBytes: file.size,
                sha256: isLast ? Hexadecimal.text(hash.finalize()) : nil
            )
            let (held, object) = try await courier.send(part)
            if let object { return object }
            guard held != end || isLast else {
                place = end
                continue
            }
            // The controller has lost what it had, as in a restart: from the beginning.
            (place, hash) = (0, SHA256())
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    // MARK: Fetching

    private func download(_ name: String, _ sha256: String, _ size: Int64) async throws {
        for isLast in [false, true] {
            let draft = try CachedFile(shelf.draft(sha256), creating: true)
            if draft.size > size { try draft.truncate(to: 0) }
            var hash = try await draft.hash(first: draft.size)
            try await fill(draft, sha256, size, &hash)
            courier.done(with: sha256, at: size)
            guard Hexadecimal.text(hash.finalize()) == sha256 else {
                logger.warning(
                    "an object came with other bytes than it must have",
                    metadata: ["object.sha256": "\(sha256)", "object.name": "\(name)"]
                )
                unlink(shelf.draft(sha256))
                if isLast { break }
                continue
            }
            try draft.synchronise()
            guard rename(shelf.draft(sha256), shelf.path(sha256)) == 0 else {
                throw OperationError.system("cannot rename '\(shelf.draft(sha256))'", errno)
            }
            return
        }
        throw OperationError("object_corrupt", "the object '\(name)' came twice with other bytes than it must have")
    }

    private func fill(_ draft: CachedFile, _ sha256: String, _ size: Int64, _ hash: inout SHA256) async throws {
        var place = draft.size
        while place < size {
            try Task.checkCancellation()
            let count = Int(min(Int64(Self.pieceBytes), size - place))
            let piece = try await courier.piece(of: sha256, at: place, count: count)
            guard piece.totalBytes == size, (1...count).contains(piece.bytes.count) else {
                throw OperationError("object_corrupt", "the controller's object has other bytes than the job says")
            }
            try draft.write(piece.bytes, at: place)
            hash.update(data: piece.bytes)
            place += Int64(piece.bytes.count)
        }
    }
}
