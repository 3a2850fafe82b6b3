// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Counts every request when the head of its answer is known.
struct MetricsMiddleware: RouterMiddleware {
    let metrics: HTTPMetrics

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        metrics.answered(
            request.method,
            context.endpointPath,
            response.status.code,
            in: ContinuousClock.now - start
        )
        return response
    }
}
