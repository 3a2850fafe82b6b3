// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into an answer with problem details.
struct ProblemMiddleware: RouterMiddleware {
    let metrics: HTTPMetrics

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let broken as BrokenBody {
            // Nobody is there to be answered, or what came is no HTTP: the server knows what to do.
            throw broken.cause
        } catch {
            let problem = APIError(mapping: error)
            metrics.refused(problem.code)
            if problem.status.code >= 500 {
                context.logger.error(
                    "a request failed",
                    metadata: [
                        "http.method": "\(request.method.rawValue)", "http.path": "\(request.uri.path)",
                        "error": "\(error)",
                    ]
                )
            }
            let response = problem.response(at: request.uri.path, requestID: context.requestID)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }
}
