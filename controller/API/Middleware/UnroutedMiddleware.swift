// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Says what is wrong with a request that no route takes: no key, another method, or no such path.
///
/// Below `/api` that is told only to who has a key, but for paths that can be used without one.
struct UnroutedMiddleware: RouterMiddleware {
    let table: EndpointTable
    let gate: Gate

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let path = request.uri.path
            if path.split(separator: "/").first == "api", !table.isOpen(path) {
                try await gate.admit(unrouted: request, context)
            }
            let methods = table.methods(of: path)
            // A word that stands for itself is no id, whatever stands behind it.
            guard methods.isEmpty || methods.contains(request.method) else {
                let names = methods.map(\.rawValue).joined(separator: ", ")
                var error = APIError(.methodNotAllowed, "\(request.method.rawValue) is not possible here; \(names) is")
                error.headers[.allow] = names
                throw error
            }
            throw APIError(.notFound, "there is nothing at this path")
        }
    }
}
