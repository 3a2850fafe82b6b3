// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Store

/// `/api/v1/webhooks/{id}/deliveries`: what a webhook was told, and is to be told.
struct WebhookDeliveriesResource: Sendable {
    let webhooks: any WebhookStore
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [test, listing, replay] }

    private var test: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/webhooks/{id}/test",
            access: .scope(.webhookWrite),
            name: AuditAction.testWebhook,
            summary: "Sends the event webhook.test.",
            answer: .init(status: .accepted, schema: .reference("WebhookDelivery"), summary: "The delivery, pending."),
            handle: sendTest
        )
    }

    private var listing: Endpoint {
        let state = QueryParameter(
            name: "state",
            kind: .choice(WebhookDelivery.State.allCases.map(\.rawValue)),
            summary: "Only deliveries in this state."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/webhooks/{id}/deliveries",
            access: .scope(.webhookWrite),
            name: "listDeliveries",
            summary: "The deliveries of a webhook, newest first; of those that ended the last 1,000.",
            query: [state, .limit(PageSize.standard), .cursor],
            answer: .init(
                status: .ok,
                schema: .uncountedPage(of: "WebhookDelivery"),
                summary: "A part of the listing."
            ),
            errors: [.outOfRange],
            handle: list
        )
    }

    private var replay: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/webhooks/{id}/deliveries/{delivery}/replay",
            access: .scope(.webhookWrite),
            name: AuditAction.replayDelivery,
            summary: "Sends a delivery again, with the id that it has.",
            answer: .init(status: .accepted, schema: .reference("WebhookDelivery"), summary: "The delivery, pending."),
            handle: sendAgain
        )
    }

    // MARK: Calls

    private func sendTest(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let now = wallClock()
        let audit = call.requester.entry(AuditAction.testWebhook, at: now, subject: call.webhookID)
        guard let delivery = try await webhooks.addTest(to: call.webhookID, now: now, audit: audit) else {
            throw call.noSuchWebhook
        }
        return try .json(delivery, status: .accepted)
    }

    private func list(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let state = call.query.text("state").flatMap(WebhookDelivery.State.init)
        let cursor = ListingCursor(listing: "deliveries \(call.webhookID) \(state?.rawValue ?? "")")
        var after: Int64?
        if let text = call.query.text(QueryParameter.cursor.name) {
            after = Int64(try cursor.key(text))
            if after == nil { throw ListingCursor.fault("is none that was given here") }
        }
        let limit = call.query.limit
        let found = try await webhooks.deliveries(of: call.webhookID, state: state, after: after, limit: limit + 1)
        guard let found else { throw call.noSuchWebhook }
        let hasMore = found.count > limit
        let next = hasMore ? cursor.text(after: "\(found[limit - 1].number)") : nil
        let items = found.prefix(limit).map(\.delivery)
        return try .json(Page(items: items, total: nil, limit: limit, offset: nil, nextCursor: next))
    }

    private func sendAgain(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let now = wallClock()
        let delivery = call.parameter("delivery") ?? ""
        let audit = call.requester.entry(
            AuditAction.replayDelivery,
            at: now,
            subject: call.webhookID,
            detail: call.shown("delivery")
        )
        let replayed = try await webhooks.replay(delivery, of: call.webhookID, now: now, audit: audit)
        guard let replayed else { throw APIError(.notFound, "there is no delivery '\(call.shown("delivery"))'") }
        return try .json(replayed, status: .accepted)
    }
}
