// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs

extension Response {
    /// An answer that carries a value as JSON.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        location: String? = nil
    ) throws -> Response {
        .json(bytes: try JSON.encode(value), status: status, location: location)
    }

    /// An answer that carries a value that writes its own JSON.
    static func json(
        _ value: some JSONWritable,
        status: HTTPResponse.Status = .ok,
        location: String? = nil
    ) throws -> Response {
        .json(bytes: try value.text(), status: status, location: location)
    }

    /// An answer that carries JSON text.
    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok, location: String? = nil) -> Response {
        .json(ByteBuffer(bytes: bytes), status: status, location: location)
    }

    /// An answer that carries JSON text.
    static func json(_ text: ByteBuffer, status: HTTPResponse.Status = .ok, location: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.location] = location
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: text))
    }
}
