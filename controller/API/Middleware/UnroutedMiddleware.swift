// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Says what is wrong with a request that no route takes: no key, another method, or no such path.
///
/// Below `/api` that is told only to who has a key.
struct UnroutedMiddleware: RouterMiddleware {
    let table: EndpointTable
    let keys: KeyRing

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let path = request.uri.path
            if path.split(separator: "/").first == "api" {
                _ = try keys.name(for: request.headers[.authorization])
            }
            let methods = table.methods(of: path)
            guard methods.isEmpty else {
                let names = methods.map(\.rawValue).joined(separator: ", ")
                throw APIError(
                    .methodNotAllowed,
                    "\(request.method.rawValue) is not possible here; \(names) is",
                    allow: names
                )
            }
            throw APIError(.notFound, "there is nothing at this path")
        }
    }
}
