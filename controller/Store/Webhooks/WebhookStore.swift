// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// The truth about webhooks, and the outbox of what they are told.
///
/// Every method is one transaction, as those of ``JobStore`` are.
package protocol WebhookStore: Sendable {
    /// Commits a webhook that is told of what comes from now on.
    ///
    /// - Throws: ``StoreError``.
    func create(_ webhook: StoredWebhook, audit: AuditEntry) async throws -> WebhookCreation

    /// All webhooks that were registered, newest first.
    ///
    /// - Throws: ``StoreError``.
    func webhooks() async throws -> [WebhookRecord]

    /// A webhook, a job's own included; nil if there is no such webhook.
    ///
    /// - Throws: ``StoreError``.
    func webhook(_ id: String) async throws -> WebhookRecord?

    /// Changes a webhook; what is pending for it goes to its URL of then.
    ///
    /// - Returns: the record after that; nil if there is no such webhook, or it is a job's own, which stays as it was asked for.
    /// - Throws: ``StoreError``.
    func updateWebhook(_ id: String, _ change: WebhookChange, audit: AuditEntry) async throws -> WebhookRecord?

    /// Deletes a webhook with what it has not been told.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``StoreError``.
    func deleteWebhook(_ id: String, audit: AuditEntry) async throws -> Bool

    /// Gives a webhook another secret; the present one stays good until a time.
    ///
    /// - Returns: the record after that; nil if there is no such webhook.
    /// - Throws: ``StoreError``.
    func rotateSecret(
        of id: String,
        to secret: String,
        previousUntil: Timestamp,
        audit: AuditEntry
    ) async throws -> WebhookRecord?

    /// Lets a webhook be told again that was given up; what is pending is sent at once.
    ///
    /// - Returns: the record after that; nil if there is no such webhook.
    /// - Throws: ``StoreError``.
    func enableWebhook(_ id: String, audit: AuditEntry) async throws -> WebhookRecord?

    /// Puts an event that is no job's into the outbox of a webhook.
    ///
    /// - Returns: the delivery; nil if there is no such webhook.
    /// - Throws: ``StoreError``.
    func addTest(to id: String, now: Timestamp, audit: AuditEntry) async throws -> WebhookDelivery?

    /// A part of the deliveries of a webhook, newest first; nil if there is no such webhook.
    ///
    /// - Parameters:
    ///   - id: the webhook.
    ///   - state: only deliveries in this state; nil for all.
    ///   - number: only deliveries before the one of this number; nil for the newest.
    ///   - limit: how many at most.
    /// - Returns: the part; each with its number.
    /// - Throws: ``StoreError``.
    func deliveries(
        of id: String,
        state: WebhookDelivery.State?,
        after number: Int64?,
        limit: Int
    ) async throws -> [(number: Int64, delivery: WebhookDelivery)]?

    /// Sends a delivery again that was taken or given up, as if for the first time.
    ///
    /// - Returns: the delivery after that; nil if there is no such delivery.
    /// - Throws: ``StoreError``.
    func replay(
        _ delivery: String,
        of id: String,
        now: Timestamp,
        audit: AuditEntry
    ) async throws -> WebhookDelivery?

    /// Makes deliveries of what the feed has beyond the place up to which that was done.
    ///
    /// - Parameters:
    ///   - lines: how many lines of the feed to go on at most.
    ///   - now: the controller's time.
    /// - Returns: whether there is more.
    /// - Throws: ``StoreError``.
    func fillOutbox(lines: Int, now: Timestamp) async throws -> Bool

    /// What is to be sent now, the oldest first.
    ///
    /// Webhooks of jobs have half of the room where registered ones need the other half. Whoever submits jobs may name any number of
    /// hosts: they have their turns one after another, each with its oldest, and of them a bounded number is looked at.
    ///
    /// - Parameters:
    ///   - limit: how many at most.
    ///   - ofLane: how many at most that are sent one after another, so that one that is slow leaves room for others.
    ///   - lane: the lane of jobs that had its turn last; empty for none.
    ///   - now: the controller's time.
    /// - Returns: the deliveries, and the lane of jobs that had its turn last.
    /// - Throws: ``StoreError``.
    func dueDeliveries(limit: Int, ofLane: Int, after lane: String, now: Timestamp) async throws -> DueDeliveries

    /// When the next delivery is to be sent; nil where none is.
    ///
    /// - Throws: ``StoreError``.
    func nextDeliveryTime() async throws -> Timestamp?

    /// Takes in how attempts ended.
    ///
    /// - Throws: ``StoreError``.
    func recordDeliveries(_ outcomes: [DeliveryOutcome], now: Timestamp) async throws

    /// Takes away deliveries that ended, as far as a webhook has more of them than are kept.
    ///
    /// - Throws: ``StoreError``.
    func trimDeliveries(keeping count: Int) async throws
}
