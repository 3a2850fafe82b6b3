// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import Logging
import ServiceLifecycle
import Store

/// Writes records from the store to a client as it takes them, a part at a time.
///
/// Each part is a short read of its own that goes on behind the last record, so that no long read keeps old pages of the database,
/// and what is held does not depend on how much there is. What moves between two parts is seen as it is when its part is read;
/// nothing is shown twice.
///
/// An export that cannot be finished, since the store fails or the controller is going down, is cut: the connection is broken off
/// before the end of the body, so that what came does not look whole.
struct ExportStream<Record: Sendable>: Sendable {
    let text: ExportText<Record>
    let headers: HTTPFields
    /// Reads the part behind a record, or the first one.
    let fetch: @Sendable (Record?) async throws -> ListingPart<Record>
    let logger: Logger

    /// The answer, whose first part has been read.
    ///
    /// - Parameter place: what is given back at the end.
    /// - Returns: the answer.
    /// - Throws: what the store throws for the first part, so that it can be told as a problem.
    func response(_ place: StreamPlaces.Place) async throws -> Response {
        let first = try await fetch(nil)
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            do { try await write(first, to: &writer) } catch let fault as Fault {
                logger.warning("an export was cut short", metadata: ["error": "\(fault.cause)"])
                let last = text.end(APIError(mapping: fault.cause))
                if !last.isEmpty { try await writer.write(ByteBuffer(bytes: last)) }
                throw fault.cause
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// What went wrong here, and not with the connection.
    private struct Fault: Error {
        let cause: any Error
    }

    @concurrent private func write(_ first: ListingPart<Record>, to writer: inout any ResponseBodyWriter) async throws {
        var part = first
        var bytes = text.head
        while true {
            do { bytes += try text.lines(part.items) } catch { throw Fault(cause: error) }
            if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
            guard part.hasMore else { return }
            bytes = []
            do { part = try await next(part) } catch { throw Fault(cause: error) }
        }
    }

    private func next(_ part: ListingPart<Record>) async throws -> ListingPart<Record> {
        guard !Task.isShuttingDownGracefully else { throw APIError(.unavailable, "the controller is going down") }
        guard let last = part.items.last else { throw StoreError(.failed, "a part of an export has nothing in it") }
        return try await fetch(last)
    }
}
