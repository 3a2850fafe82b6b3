// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// Reads the body of a request as JSON that fits a schema: the one way in for bodies.
struct BodyReader: Sendable {
    let maximumBytes: Int
    let maximumDepth: Int

    /// Reads and checks a body.
    ///
    /// - Parameters:
    ///   - call: the call that the body belongs to.
    ///   - schema: what the body has to fit.
    /// - Returns: a value that fits.
    /// - Throws: ``APIError`` `unsupported_media_type`, `body_too_large`, `request_timeout`, `malformed_json` or
    ///   `invalid_body`, and what ``BodyBudget`` throws; ``BrokenBody`` if the body breaks off.
    func read(_ call: Call, fitting schema: JSONSchema) async throws -> JSONValue {
        try checkMediaType(call.request)
        let bytes = try await collect(call)
        let value = try parse(bytes)
        let faults = schema.faults(in: value)
        guard faults.isEmpty else {
            let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
            let place = faults[0].pointer.isEmpty ? "the body" : faults[0].pointer
            throw APIError(.invalidBody, "\(place): \(faults[0].detail)\(more)", faults: faults)
        }
        return value
    }

    /// Reads and checks a body that may be left out; then it is an empty object.
    ///
    /// - Throws: as ``read(_:fitting:)``.
    func readOptional(_ call: Call, fitting schema: JSONSchema) async throws -> JSONValue {
        let headers = call.request.headers
        let isThere = headers[.transferEncoding] != nil || (headers[.contentLength].map { $0 != "0" } ?? false)
        return isThere ? try await read(call, fitting: schema) : .object([:])
    }

    private func checkMediaType(_ request: Request) throws(APIError) {
        let parts = (request.headers[.contentType] ?? "").lowercased().split(separator: ";")
            .map { $0.filter { !" \t\"".contains($0) } }
        // JSON is UTF-8 (RFC 8259, section 8.1); parameters other than a wrong charset mean nothing.
        let isOtherText = parts.dropFirst().contains { $0.hasPrefix("charset=") && $0 != "charset=utf-8" }
        guard parts.first == "application/json", !isOtherText else {
            throw APIError(.unsupportedMediaType, "the body must be application/json, in UTF-8")
        }
    }

    /// Gathers the body, no more of it than is allowed, whatever length it claims to have.
    ///
    /// The rest of a body that is too long is not read: the answer ends the connection, see ``ConnectionGuard``.
    private func collect(_ call: Call) async throws -> [UInt8] {
        let request = call.request
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maximumBytes { throw tooLarge }
        if request.headers[.expect] != nil { call.context.announceReading() }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= maximumBytes else { throw tooLarge }
                try call.context.bodyShare?.take(part.readableBytes)
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let error as APIError {
            throw error
        } catch is BodyTimeout {
            throw APIError(.requestTimeout, "the body did not come in time")
        } catch {
            throw BrokenBody(cause: error)
        }
        return bytes
    }

    private var tooLarge: APIError { APIError(.bodyTooLarge, "a body has at most \(maximumBytes) bytes") }

    private func parse(_ bytes: [UInt8]) throws(APIError) -> JSONValue {
        do {
            return try JSONText.parse(bytes, maximumDepth: maximumDepth)
        } catch {
            throw APIError(.malformedJSON, "the body is not JSON: \(error.message), at byte \(error.offset + 1)")
        }
    }
}

/// The connection gave out, or gave nonsense, in the middle of a body.
struct BrokenBody: Error {
    let cause: any Error
}
