// SPDX-License-Identifier: Apache-2.0

import Credentials
import Crypto
import JobDispatch
package import Jobs
import Logging
import Store

// What people decide.

extension EnrolmentService {
    // MARK: Join tokens

    /// Makes a token; the secret is in the record that is returned, and nowhere else.
    ///
    /// - Parameters:
    ///   - lifetime: for how long it can be used.
    ///   - uses: how many agents it makes at most.
    ///   - labels: what its agents are labelled with, whatever they say of themselves.
    ///   - name: who makes it.
    ///   - now: the controller's time.
    /// - Returns: the record, with the token.
    /// - Throws: ``EnrolmentError``, `StoreError`.
    package func createToken(
        lifetime: Duration,
        uses: Int,
        labels: [String: String],
        by name: String?,
        now: Timestamp
    ) async throws -> JoinTokenRecord {
        let issuer = try usableIssuer()
        let fingerprint = try reading { try issuer.fingerprint() }
        guard let places = await places() else {
            throw EnrolmentError(.failed, "the controller does not know yet where hosts find it")
        }
        let secret = Self.random(bits: .bits256)
        var record = JoinTokenRecord(
            id: String(Self.random(bits: .bits128).prefix(12)),
            labels: labels,
            uses: uses,
            createdAt: now,
            createdBy: name,
            expiresAt: now + lifetime
        )
        let token = NewJoinToken(record: record, secretHash: Fingerprint.of(Array(secret.utf8)))
        guard try await store.addJoinToken(token, limits: limits, now: now) else {
            throw EnrolmentError(.tooMany, "there are \(limits.tokens) join tokens; revoke some")
        }
        record.token = JoinToken(url: places.api, authority: fingerprint, secret: secret).text
        return record
    }

    /// Every token that is kept, newest first.
    ///
    /// - Throws: `StoreError`.
    package func tokens() async throws -> [JoinTokenRecord] {
        try await store.joinTokens()
    }

    /// Makes a token of no more use.
    ///
    /// - Throws: ``EnrolmentError`` `notFound`, `StoreError`.
    package func revokeToken(_ id: String, now: Timestamp) async throws -> JoinTokenRecord {
        guard let record = try await store.revokeJoinToken(id, now: now) else {
            throw EnrolmentError(.notFound, "there is no join token '\(id.prefix(100))'")
        }
        return record
    }

    private static func random(bits: SymmetricKeySize) -> String {
        SymmetricKey(size: bits).withUnsafeBytes { Fingerprint.hexadecimal($0) }
    }

    // MARK: Requests

    /// What is known of requests, newest first.
    ///
    /// - Throws: `StoreError`.
    package func enrolments(state: EnrolmentState?, limit: Int, offset: Int) async throws -> Page<Enrolment> {
        try await store.enrolments(state: state, limit: limit, offset: offset)
    }

    /// Accepts the request of a host; whoever had its name before is cut off.
    ///
    /// - Parameters:
    ///   - place: the name of the host, or the id where several of that name wait.
    ///   - labels: what it is labelled with; nil for what its token says.
    ///   - name: who accepts.
    ///   - now: the controller's time.
    /// - Returns: the request.
    /// - Throws: ``EnrolmentError``, `StoreError`.
    package func accept(
        _ place: String,
        labels: [String: String]?,
        by name: String?,
        now: Timestamp
    ) async throws -> Enrolment {
        let waiting = try await waiting(place)
        guard let (enrolment, replaced) = try await store.accept(waiting.id, labels: labels, by: name, now: now)
        else { throw EnrolmentError(.notFound, "'\(place.prefix(100))' does not wait any more") }
        registry.setLabels(enrolment.labels, of: enrolment.id)
        try await cutOff(replaced)
        tell("a host was accepted as an agent", enrolment)
        return enrolment
    }

    /// Rejects the request of a host for good.
    ///
    /// - Throws: ``EnrolmentError``, `StoreError`.
    package func reject(_ place: String, by name: String?, now: Timestamp) async throws -> Enrolment {
        let waiting = try await waiting(place)
        guard let enrolment = try await store.reject(waiting.id, by: name, now: now) else {
            throw EnrolmentError(.notFound, "'\(place.prefix(100))' does not wait any more")
        }
        tell("a host was rejected", enrolment)
        return enrolment
    }

    /// The one request that waits under this id or name.
    private func waiting(_ place: String) async throws -> Enrolment {
        let all = try await store.enrolments(state: .pending, limit: limits.pending, offset: 0).items
        if let exact = all.first(where: { $0.id.text == place || $0.fingerprint == place }) { return exact }
        let fitting = all.filter { $0.hostname.lowercased() == place.lowercased() }
        guard let first = fitting.first else {
            throw EnrolmentError(.notFound, "no host '\(place.prefix(100))' waits to be accepted")
        }
        guard fitting.count == 1 else {
            let ids = fitting.map(\.id.text).joined(separator: ", ")
            throw EnrolmentError(
                .ambiguous,
                "several hosts called '\(place.prefix(100))' wait; name one by its id: \(ids)"
            )
        }
        return first
    }

    // MARK: Revoking

    /// Revokes an agent: its link is cut, and its certificate and its keys are refused from now on.
    ///
    /// - Parameters:
    ///   - id: the agent.
    ///   - name: who revokes.
    ///   - now: the controller's time.
    /// - Returns: whether there was such an agent.
    /// - Throws: `StoreError`; the agent is refused all the same until the controller is restarted.
    package func revoke(_ id: AgentID, by name: String?, now: Timestamp) async throws -> Bool {
        registry.revoke([id])
        closeUnwelcome()
        guard try await store.revoke(id, by: name, now: now) else {
            registry.release(id)
            return false
        }
        logger.notice("an agent was revoked", metadata: ["agent.id": "\(id)", "by": "\(name ?? "")"])
        try await cutOff([id])
        return true
    }

    /// Finds an agent to revoke: connected or not, by its host's name or its id.
    ///
    /// - Throws: ``EnrolmentError`` `notFound`, `StoreError`.
    package func agent(_ place: String) async throws -> AgentID {
        if let agent = directory.agent(AgentID(place)) ?? directory.agent(named: place) { return agent.id }
        let folded = place.lowercased()
        if let agent = directory.agents(folded: [folded]).first { return agent.id }
        // Accepted, and never seen since.
        let isID = place.utf8.count == 32 && place.allSatisfy { $0.isASCII && $0.isHexDigit }
        if isID { return AgentID(place) }
        let accepted = try await store.enrolments(named: place, state: .accepted)
        guard let enrolment = accepted.first else {
            throw EnrolmentError(.notFound, "there is no agent '\(place.prefix(100))'")
        }
        return enrolment.id
    }

    private func cutOff(_ ids: [AgentID]) async throws {
        guard !ids.isEmpty else { return }
        registry.revoke(ids)
        registry.add(try await store.revocations())
        closeUnwelcome()
        for id in ids { directory.forget(id) }
    }
}
