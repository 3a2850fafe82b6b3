// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The truth about who may be an agent: join tokens, requests to join, keys, and who is revoked.
///
/// As with ``JobStore``, every method is one transaction, and `now` is passed in.
package protocol EnrolmentStore: Sendable {
    // MARK: Join tokens

    /// Keeps a new token.
    ///
    /// - Returns: false where there are as many as may be, and nothing was kept.
    /// - Throws: ``StoreError``.
    func addJoinToken(_ token: NewJoinToken, limits: EnrolmentLimits, now: Timestamp) async throws -> Bool

    /// Every token that is kept, newest first; those that ended long ago are forgotten.
    ///
    /// - Throws: ``StoreError``.
    func joinTokens() async throws -> [JoinTokenRecord]

    /// Makes a token of no more use; again is no error.
    ///
    /// - Returns: the token; nil if there is none.
    /// - Throws: ``StoreError``.
    func revokeJoinToken(_ id: String, now: Timestamp) async throws -> JoinTokenRecord?

    // MARK: Requests

    /// Takes in the request of a host to become an agent; a use of its token is counted in the same transaction.
    ///
    /// The key makes the request: sent again, it costs no second use, and is answered as it stands.
    ///
    /// - Throws: ``StoreError``.
    func enrol(_ request: NewEnrolment, limits: EnrolmentLimits, now: Timestamp) async throws -> EnrolmentResult

    /// What is known of requests, newest first.
    ///
    /// - Parameters:
    ///   - state: only those that stand so; nil for all.
    ///   - limit: how many at most.
    ///   - offset: how many to pass over.
    /// - Returns: a part of the listing.
    /// - Throws: ``StoreError``.
    func enrolments(state: EnrolmentState?, limit: Int, offset: Int) async throws -> Page<Enrolment>

    /// The requests of hosts of this name that stand so, whatever the case of its letters.
    ///
    /// - Throws: ``StoreError``.
    func enrolments(named hostname: String, state: EnrolmentState) async throws -> [Enrolment]

    /// Accepts a request; another agent of its name is replaced, and so refused from then on.
    ///
    /// - Parameters:
    ///   - id: whose request.
    ///   - labels: the labels that the controller gives it; nil for those that its token had.
    ///   - name: who accepts.
    ///   - now: the controller's time.
    /// - Returns: the request, and who was replaced; nil where none of this id waits.
    /// - Throws: ``StoreError``.
    func accept(
        _ id: AgentID,
        labels: [String: String]?,
        by name: String?,
        now: Timestamp
    ) async throws -> (enrolment: Enrolment, replaced: [AgentID])?

    /// Rejects a request for good.
    ///
    /// - Returns: the request; nil where none of this id waits.
    /// - Throws: ``StoreError``.
    func reject(_ id: AgentID, by name: String?, now: Timestamp) async throws -> Enrolment?

    // MARK: Agents

    /// Notes a key that an agent gets a certificate for.
    ///
    /// - Returns: false where the agent or the key is revoked, or the key is another agent's.
    /// - Throws: ``StoreError``.
    func addKey(_ fingerprint: String, of id: AgentID, now: Timestamp) async throws -> Bool

    /// Revokes an agent: it, its keys and its name's claim are gone, and its open runs end as `lost` or `expired`.
    ///
    /// - Returns: whether there was anything to revoke.
    /// - Throws: ``StoreError``.
    func revoke(_ id: AgentID, by name: String?, now: Timestamp) async throws -> Bool

    /// The ids of agents, and the fingerprints of keys, that are refused.
    ///
    /// - Throws: ``StoreError``.
    func revocations() async throws -> Set<String>

    /// The labels that the controller gives its agents, of those that have any.
    ///
    /// - Throws: ``StoreError``.
    func grantedLabels() async throws -> [AgentID: [String: String]]
}
