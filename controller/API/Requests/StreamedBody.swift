// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import Objects
import Store

/// The body of a request that goes to a file as it comes in, a piece at a time.
///
/// It takes nothing of the room for bodies: the next piece is read when the one before it is written.
enum StreamedBody {
    /// How many bytes a body is announced to have; nil where that is not said.
    static func length(_ request: Request) -> Int64? {
        request.headers[.contentLength].flatMap { Int64($0) }
    }

    /// Reads a body to its end.
    ///
    /// - Throws: ``APIError`` `request_timeout` where too little comes in for too long, ``BrokenBody`` if the body breaks
    ///   off; `ObjectError`, `StoreError`.
    static func read(_ call: Call, into draft: ObjectDraft) async throws {
        call.context.announceReading(asStream: true)
        do {
            for try await piece in call.request.body {
                let mustFlush = try piece.withUnsafeReadableBytes { try draft.append($0) }
                if mustFlush { try await draft.flush() }
            }
        } catch is BodyTimeout {
            throw APIError(.requestTimeout, "the body did not come in time")
        } catch let error where error is ObjectError || error is StoreError {
            throw error
        } catch {
            throw BrokenBody(cause: error)
        }
    }
}
