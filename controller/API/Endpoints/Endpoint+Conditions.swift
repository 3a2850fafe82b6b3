// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

extension Endpoint {
    /// Refuses a request that sets conditions under which it must not be done, before anything is.
    ///
    /// Nothing that a call changes has an entity tag, so that no tag in `If-Match` can be that of the present version
    /// (RFC 9110, section 13.1.1); `*` says no more than that it must be there, and the call finds that out.
    ///
    /// - Throws: ``APIError`` `not_acceptable` or `precondition_failed`.
    func checkConditions(_ request: Request) throws(APIError) {
        let types = [answer.mediaType] + answer.otherMediaTypes
        if answer.schema != nil, !types.contains(where: { MediaRange.isAcceptable($0, to: request.headers) }) {
            let names = types.map { $0.prefix { $0 != ";" } }.joined(separator: " or ")
            throw APIError(.notAcceptable, "this call answers \(names), which the header Accept excludes")
        }
        if changesSomething, let tags = request.headers[.ifMatch], tags != "*" {
            throw APIError(.preconditionFailed, "there is no version with the tag that If-Match names")
        }
    }

    /// Whether the call is to change something, as its method says.
    var changesSomething: Bool { method != .get && method != .head }
}
