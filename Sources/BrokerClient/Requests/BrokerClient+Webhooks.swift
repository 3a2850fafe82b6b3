// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension BrokerClient {
    private struct Parts: Encodable, Sendable {
        let url: String?
        let events: [String]?
        let labels: [String: String]?
    }

    private struct Rotation: Encodable, Sendable {
        let overlap: Double?
    }

    /// Makes a webhook.
    ///
    /// - Parameters:
    ///   - url: where events are sent to.
    ///   - events: the names of those it is told of; nil for all.
    ///   - labels: those that a job must have for it to be told; nil for every job.
    /// - Returns: the webhook with its secret, which is not to be had again.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func createWebhook(
        _ url: String,
        events: [String]? = nil,
        labels: [String: String]? = nil
    ) async throws -> NewWebhook {
        try await post(["webhooks"], Parts(url: url, events: events, labels: labels))
    }

    /// Changes a webhook.
    ///
    /// - Parameters:
    ///   - id: the webhook.
    ///   - url: where events are sent to from now on, pending ones too; nil where it stays.
    ///   - events: the names of those it is told of from now on; nil where they stay.
    ///   - labels: those that a job must have from now on, none for every job; nil where they stay.
    /// - Returns: the webhook as it is then.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func updateWebhook(
        _ id: String,
        url: String? = nil,
        events: [String]? = nil,
        labels: [String: String]? = nil
    ) async throws -> WebhookRecord {
        try await patch(["webhooks", id], Parts(url: url, events: events, labels: labels))
    }

    /// All webhooks that were registered, newest first.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func webhooks() async throws -> [WebhookRecord] {
        try await get(["webhooks"], as: Page<WebhookRecord>.self).items
    }

    /// Deletes a webhook.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func deleteWebhook(_ id: String) async throws {
        try await delete(["webhooks", id])
    }

    /// Gives a webhook another secret.
    ///
    /// - Parameters:
    ///   - id: the webhook.
    ///   - overlap: for how many seconds the present one stays good; nil for the controller's default.
    /// - Returns: the webhook with its new secret.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func rotateWebhookSecret(_ id: String, overlap: Double? = nil) async throws -> NewWebhook {
        try await post(["webhooks", id, "rotate"], Rotation(overlap: overlap))
    }

    /// Tells a webhook again that was given up.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func enableWebhook(_ id: String) async throws -> WebhookRecord {
        try await post(["webhooks", id, "enable"], JSONValue.object([:]))
    }

    /// Sends a webhook the event `webhook.test`.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func testWebhook(_ id: String) async throws -> WebhookDelivery {
        try await post(["webhooks", id, "test"], JSONValue.object([:]))
    }

    /// A part of the deliveries of a webhook, newest first.
    ///
    /// - Parameters:
    ///   - id: the webhook.
    ///   - state: only deliveries in this state; nil for all.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - cursor: where to go on; nil for the newest.
    /// - Returns: the part.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func deliveries(
        of id: String,
        state: WebhookDelivery.State? = nil,
        limit: Int? = nil,
        cursor: String? = nil
    ) async throws -> Page<WebhookDelivery> {
        try await get(
            ["webhooks", id, "deliveries"],
            query: [("state", state?.rawValue), ("limit", limit.map { String($0) }), ("cursor", cursor)]
        )
    }

    /// Sends a delivery again.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func replayDelivery(_ delivery: String, of id: String) async throws -> WebhookDelivery {
        try await post(["webhooks", id, "deliveries", delivery, "replay"], JSONValue.object([:]))
    }
}
