// SPDX-License-Identifier: Apache-2.0

import Access
import Hummingbird
import Jobs
import Store

/// `/api/v1/audit`: who did what, and what was refused.
struct AuditResource: Sendable {
    let store: any AccessStore

    var endpoints: [Endpoint] {
        let order = QueryParameter(
            name: "order",
            kind: .choice(AuditOrder.allCases.map(\.rawValue)),
            summary: "From which end to read; newest if left out."
        )
        let cursor = QueryParameter(
            name: "cursor",
            kind: .number(0...Int(1) << 53, default: 0),
            summary: "The number of the line beyond which to read: next of the part before; 0 for the beginning."
        )
        return [
            Endpoint(
                method: .get,
                path: "/api/v1/audit",
                access: .scope(.auditRead),
                name: "listAudit",
                summary: "The audit log: changes, and attempts that were refused.",
                query: [order, cursor, .limit(PageSize.audit)],
                answer: .init(status: .ok, schema: .reference("AuditPage"), summary: "A part of the log."),
                errors: [.outOfRange],
                handle: list
            )
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let order = call.query.text("order").flatMap(AuditOrder.init) ?? .newest
        let cursor = call.query.number("cursor")
        let page = try await store.audit(
            order,
            beyond: cursor == 0 ? nil : Int64(cursor),
            limit: call.query.limit
        )
        return try .json(page)
    }
}
