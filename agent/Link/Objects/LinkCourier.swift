// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Operations
import Wire

/// Brings objects over the link to the controller.
package struct LinkCourier: ObjectCache.Courier {
    private let line: ObjectLine

    /// Makes a courier.
    ///
    /// - Parameter line: where the link takes questions from.
    package init(_ line: ObjectLine) {
        self.line = line
    }

    package func piece(of sha256: String, at offset: Int64, count: Int) async throws -> ObjectCache.Piece {
        let question = ObjectQuestion(sha256: sha256, offset: offset, length: count)
        guard case .piece(let piece) = try await ask(.object(question)), piece.sha256 == sha256, piece.offset == offset
        else { throw OperationError("object_corrupt", "the controller gave other bytes than it was asked for") }
        return ObjectCache.Piece(totalBytes: piece.totalBytes, bytes: piece.bytes)
    }

    package func done(with sha256: String, at offset: Int64) {
        line.tell(.object(ObjectQuestion(sha256: sha256, offset: offset, length: 0)))
    }

    package func send(_ part: ObjectCache.FilePart) async throws -> (held: Int64, object: ObjectReference?) {
        let upload = ObjectUpload(
            jobID: part.jobID,
            offset: part.offset,
            bytes: part.bytes,
            totalBytes: part.totalBytes,
            sha256: part.sha256
        )
        guard case .uploaded(let receipt) = try await ask(.upload(upload)) else {
            throw OperationError("internal_error", "the controller answered something else than it was asked")
        }
        return (receipt.held, receipt.object)
    }

    private func ask(_ message: AgentMessage) async throws -> ControllerMessage {
        do {
            return try await line.ask(message)
        } catch let refusal as ObjectLine.Refusal {
            throw OperationError(refusal.code, refusal.message)
        }
    }
}
