// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging

/// Lets only requests with a key through, and notes whose it is.
struct KeyMiddleware: RouterMiddleware {
    let keys: KeyRing

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let name = try keys.name(for: request.headers[.authorization])
        context.keyName = name
        context.logger[metadataKey: "api.key"] = "\(name)"
        return try await next(request, context)
    }
}
