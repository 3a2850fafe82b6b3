// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc
import Jobs

/// A file of the host that is open to be read: what is told of it and what is read are of one and the same file, whatever is
/// put in its place meanwhile.
final class OpenFile: Sendable {
    /// How many bytes are read at once of a file that may be large.
    private static let pieceBytes = 1 << 20

    /// Where it was found, for messages.
    let path: String
    /// What it was when it was opened.
    let state: FileState
    private let descriptor: FileDescriptor

    /// Takes over an open descriptor.
    ///
    /// - Throws: ``OperationError`` for what is no file.
    init(owning descriptor: consuming FileDescriptor, _ path: String) throws(OperationError) {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw .system("cannot look at '\(path)'", errno) }
        let state = FileState(status)
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(path)' is a \(state.kind.rawValue), not a file")
        }
        self.path = path
        self.state = state
        self.descriptor = descriptor
    }

    /// Opens the file at a path.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - following: whether a link is followed. Where others may put links, that has the agent read what they may not.
    /// - Returns: the file; nil where there is none.
    /// - Throws: ``OperationError`` for what is no file, and for a link that is not followed.
    static func at(_ path: String, following: Bool) throws(OperationError) -> OpenFile? {
        guard let state = try FileState(at: path, following: following) else { return nil }
        guard following else { return try FilePlace(path).file() }
        // Not even opened: that alone does something to some devices.
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(path)' is a \(state.kind.rawValue), not a file")
        }
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else { throw .system("cannot open '\(path)'", errno) }
        return try OpenFile(owning: FileDescriptor(owning: number), path)
    }

    /// A path by which programs that the agent starts reach this very file, as long as it is open.
    var openPath: String { "/proc/\(getpid())/fd/\(descriptor.number)" }

    /// Reads bytes from a place; fewer at the end.
    func read(at offset: Int64, count: Int) throws(OperationError) -> [UInt8] {
        let (bytes, code) = positionedRead(descriptor.number, at: offset, count: count)
        guard code == 0 else { throw .system("cannot read '\(path)'", code) }
        return bytes
    }

    /// All that it holds.
    ///
    /// - Throws: ``OperationError`` for more than `limit` bytes.
    func bytes(limit: Int) throws(OperationError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, Int(clamping: state.size)))
        while true {
            // Files of the kernel have no size, and the end of others may move.
            let part = try read(at: Int64(bytes.count), count: 65_536)
            if part.isEmpty { return bytes }
            bytes += part
            guard bytes.count <= limit else {
                throw OperationError("file_too_large", "'\(path)' has more than \(limit) bytes")
            }
        }
    }

    /// Whether it holds exactly these bytes.
    func holds(_ bytes: [UInt8]) throws(OperationError) -> Bool {
        guard state.size == bytes.count else { return false }
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + Self.pieceBytes)
            guard try read(at: Int64(place), count: end - place).elementsEqual(bytes[place..<end]) else { return false }
            place = end
        }
        return true
    }

    /// Hands over all that it holds piece by piece; others have their turn in between.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, when the run's time is over, and what `body` throws.
    func forEachPiece(
        in context: OperationContext,
        _ body: ([UInt8]) throws(OperationError) -> Void
    ) async throws(OperationError) {
        var place: Int64 = 0
        while true {
            try context.checkTime()
            let piece = try read(at: place, count: Self.pieceBytes)
            if piece.isEmpty { return }
            try body(piece)
            place += Int64(piece.count)
            await Task.yield()
        }
    }

    /// The SHA-256 of all that it holds.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, and when the run's time is over.
    func sha256(in context: OperationContext) async throws(OperationError) -> String {
        var hash = SHA256()
        try await forEachPiece(in: context) { piece in hash.update(data: piece) }
        return Hexadecimal.text(hash.finalize())
    }
}
