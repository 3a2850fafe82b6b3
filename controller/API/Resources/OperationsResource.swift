// SPDX-License-Identifier: Apache-2.0

import Access
import Hummingbird
import Jobs

/// `/api/v1/operations`: what jobs can do.
struct OperationsResource: Sendable {
    let catalogue: @Sendable () -> OperationCatalogue

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get,
                path: "/api/v1/operations",
                access: .anyKey,
                name: "listOperations",
                summary: "The operations with kind, summary and the JSON Schema of their parameters.",
                answer: .init(status: .ok, schema: .page(of: "Operation"), summary: "All operations."),
                handle: list
            )
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let operations = catalogue().descriptors
        return try .json(Page(items: operations, total: operations.count, limit: operations.count, offset: 0))
    }
}
