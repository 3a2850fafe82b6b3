// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Store
import Webhooks

/// `/api/v1/webhooks`: URLs that are told what happens.
struct WebhooksResource: Sendable {
    let webhooks: any WebhookStore
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [creation, listing, record, change, deletion, rotation, enabling] }

    private static let bodyErrors: [APIError.Code] = [
        .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
    ]

    private var creation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/webhooks",
            access: .scope(.webhookWrite),
            name: AuditAction.createWebhook,
            summary: "Makes a webhook that is told of what happens from now on. Its secret is shown only now.",
            body: WebhookBodies.creation(isDescribed: true),
            answer: .init(status: .created, schema: .reference("NewWebhook"), summary: "The webhook, and its secret."),
            errors: Self.bodyErrors + [.tooManyWebhooks],
            handle: create
        )
    }

    private var listing: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/webhooks",
            access: .scope(.webhookWrite),
            name: "listWebhooks",
            summary: "All webhooks but those of single jobs, newest first; never their secrets.",
            answer: .init(status: .ok, schema: .page(of: "Webhook"), summary: "All of them."),
            handle: list
        )
    }

    private var record: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/webhooks/{id}",
            access: .scope(.webhookWrite),
            name: "getWebhook",
            summary: "A webhook, registered or a job's own.",
            answer: .init(status: .ok, schema: .reference("Webhook"), summary: "The webhook."),
            handle: get
        )
    }

    private var change: Endpoint {
        Endpoint(
            method: .patch,
            path: "/api/v1/webhooks/{id}",
            access: .scope(.webhookWrite),
            name: AuditAction.updateWebhook,
            summary: "Changes where a webhook is, and of what it is told from now on.",
            body: WebhookBodies.change(isDescribed: true),
            answer: .init(status: .ok, schema: .reference("Webhook"), summary: "The webhook."),
            errors: Self.bodyErrors,
            handle: update
        )
    }

    private var deletion: Endpoint {
        Endpoint(
            method: .delete,
            path: "/api/v1/webhooks/{id}",
            access: .scope(.webhookWrite),
            name: AuditAction.deleteWebhook,
            summary: "Deletes a webhook, with what it has not been told.",
            answer: .init(status: .noContent, schema: nil, summary: "It is told nothing any more."),
            handle: delete
        )
    }

    private var rotation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/webhooks/{id}/rotate",
            access: .scope(.webhookWrite),
            name: AuditAction.rotateWebhookSecret,
            summary: "Gives a webhook another secret; for a while messages are signed with both.",
            body: WebhookBodies.rotation(isDescribed: true),
            isBodyOptional: true,
            answer: .init(status: .ok, schema: .reference("NewWebhook"), summary: "The webhook, and its new secret."),
            errors: Self.bodyErrors,
            handle: rotate
        )
    }

    private var enabling: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/webhooks/{id}/enable",
            access: .scope(.webhookWrite),
            name: AuditAction.enableWebhook,
            summary: "Tells a webhook again that was given up, first what was pending.",
            answer: .init(status: .ok, schema: .reference("Webhook"), summary: "The webhook."),
            handle: enable
        )
    }

    // MARK: Calls

    private func create(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let value = try await body.read(call, fitting: WebhookBodies.creationSchema)
        let now = wallClock()
        let record = WebhookRecord(
            id: StoredWebhook.randomID(),
            url: try WebhookBodies.url(value),
            events: try WebhookBodies.events(value),
            labels: try WebhookBodies.labels(value) ?? [:],
            createdAt: now,
            createdBy: call.requester.name
        )
        let secret = WebhookSecret.random()
        let audit = call.requester.entry(AuditAction.createWebhook, at: now, subject: record.id, detail: record.url)
        switch try await webhooks.create(StoredWebhook(record: record, secret: secret), audit: audit) {
        case .created: break
        case .tooMany:
            throw APIError(
                .tooManyWebhooks,
                "there are \(WebhookCreation.maximumWebhooks) webhooks; delete some of them"
            )
        }
        return try .json(
            NewWebhook(webhook: record, secret: secret),
            status: .created,
            location: "/api/v1/webhooks/\(record.id)"
        )
    }

    private func list(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let items = try await webhooks.webhooks()
        return try .json(Page(items: items, total: items.count, limit: WebhookCreation.maximumWebhooks, offset: 0))
    }

    private func get(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        guard let record = try await webhooks.webhook(call.webhookID) else { throw call.noSuchWebhook }
        return try .json(record)
    }

    private func update(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let change = try WebhookBodies.change(try await body.read(call, fitting: WebhookBodies.changeSchema))
        let audit = call.requester.entry(
            AuditAction.updateWebhook,
            at: wallClock(),
            subject: call.webhookID,
            detail: change.url
        )
        guard let record = try await webhooks.updateWebhook(call.webhookID, change, audit: audit) else {
            throw call.noSuchWebhook
        }
        return try .json(record)
    }

    private func delete(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let audit = call.requester.entry(AuditAction.deleteWebhook, at: wallClock(), subject: call.webhookID)
        guard try await webhooks.deleteWebhook(call.webhookID, audit: audit) else { throw call.noSuchWebhook }
        return Response(status: .noContent)
    }

    private func rotate(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let value = try await body.readOptional(call, fitting: WebhookBodies.rotationSchema)
        let overlap =
            try EnrolmentBodies.number("overlap", in: WebhookBodies.overlaps, value) ?? WebhookBodies.standardOverlap
        let now = wallClock()
        let secret = WebhookSecret.random()
        let record = try await webhooks.rotateSecret(
            of: call.webhookID,
            to: secret,
            previousUntil: now + .milliseconds(Int64(overlap * 1000)),
            audit: call.requester.entry(AuditAction.rotateWebhookSecret, at: now, subject: call.webhookID)
        )
        guard let record else { throw call.noSuchWebhook }
        return try .json(NewWebhook(webhook: record, secret: secret))
    }

    private func enable(_ call: Call) async throws -> Response {
        try call.checkSeesAll()
        let audit = call.requester.entry(AuditAction.enableWebhook, at: wallClock(), subject: call.webhookID)
        guard let record = try await webhooks.enableWebhook(call.webhookID, audit: audit) else {
            throw call.noSuchWebhook
        }
        return try .json(record)
    }
}

extension Call {
    /// Refuses keys that see a part of the jobs only: webhooks are told of all.
    ///
    /// - Throws: ``APIError`` `forbidden`.
    func checkSeesAll() throws(APIError) {
        guard requester.limit.isNone else {
            throw APIError(.forbidden, "webhooks are told of all jobs; the key is limited to a part of them")
        }
    }

    /// The id of a webhook in the path; one that there is not for what cannot be decoded.
    var webhookID: String { parameter("id") ?? "" }

    /// What to say where the webhook in the path does not exist.
    var noSuchWebhook: APIError {
        APIError(.notFound, "there is no webhook '\(shown("id"))'")
    }
}
