// SPDX-License-Identifier: Apache-2.0

public import Jobs

// How hosts become agents, and how agents are none any more.

extension BrokerClient {
    // MARK: For hosts

    /// The authorities of the controller's and the agents' certificates: PEM.
    ///
    /// Needs no key.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func authorities() async throws -> String {
        try await get(["authorities"], as: [String: String].self)["authorities"] ?? ""
    }

    /// Asks for a host to be an agent, or how its request stands.
    ///
    /// Needs no key.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func enrol(_ request: EnrolmentRequest) async throws -> EnrolmentAnswer {
        try await post(["enrolments"], request)
    }

    // MARK: Join tokens

    /// Makes a join token.
    ///
    /// - Parameters:
    ///   - lifetime: for how long it can be used; nil for the controller's default.
    ///   - uses: how many agents it makes at most; nil for one.
    ///   - labels: what its agents are labelled with, whatever they say of themselves.
    /// - Returns: the record, with the token, which cannot be had again.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func createJoinToken(
        lifetime: Duration? = nil,
        uses: Int? = nil,
        labels: [String: String] = [:]
    ) async throws -> JoinTokenRecord {
        let seconds = lifetime.map { Double($0.wholeMilliseconds) / 1000 }
        return try await post(["join-tokens"], TokenBody(ttl: seconds, uses: uses, labels: labels))
    }

    /// Every join token that is kept, newest first, without what is secret of them.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func joinTokens() async throws -> Page<JoinTokenRecord> {
        try await get(["join-tokens"])
    }

    /// Makes a join token of no more use.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func revokeJoinToken(_ id: String) async throws {
        try await delete(["join-tokens", id])
    }

    // MARK: Decisions

    /// Requests of hosts to be agents, newest first.
    ///
    /// - Parameters:
    ///   - state: only those that stand so; nil for all.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func enrolments(
        state: EnrolmentState? = nil,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Enrolment> {
        try await get(["enrolments"], query: [("state", state?.rawValue)] + window(limit, start))
    }

    /// Makes a host that waits an agent; whoever had its name before is cut off.
    ///
    /// - Parameters:
    ///   - host: the name of the host, or its id where several of that name wait.
    ///   - labels: what it is labelled with, whatever it says of itself; nil for what its token says.
    /// - Returns: the request.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func accept(_ host: String, labels: [String: String]? = nil) async throws -> Enrolment {
        try await post(["enrolments", host, "accept"], ["labels": labels].compactMapValues(\.self))
    }

    /// Refuses a host that waits, for good.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func reject(_ host: String) async throws -> Enrolment {
        try await post(["enrolments", host, "reject"], [String: String]())
    }

    /// Cuts an agent off at once; its certificate and its keys are refused from now on.
    ///
    /// - Parameter host: the name of its host, or its id.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func revokeAgent(_ host: String) async throws {
        try await act(["agents", host, "revoke"])
    }
}

private struct TokenBody: Encodable, Sendable {
    let ttl: Double?
    let uses: Int?
    let labels: [String: String]
}
