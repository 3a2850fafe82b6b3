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

    /// An answer that carries JSON text.
    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok, location: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.location] = location
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
