// SPDX-License-Identifier: Apache-2.0

public import Jobs

// Agents, operations, targets, and the controller itself.

extension BrokerClient {
    /// Agents, by hostname.
    ///
    /// - Parameters:
    ///   - target: only agents that this expression selects; nil for all.
    ///   - connected: only those that are, or are not, connected now; nil for both.
    ///   - drained: only those that are, or are not, drained; nil for both.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func agents(
        target: String? = nil,
        connected: Bool? = nil,
        drained: Bool? = nil,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Agent> {
        let filter = [
            ("target", target), ("connected", connected.map(String.init)), ("drained", drained.map(String.init)),
        ]
        return try await get(["agents"], query: filter + window(limit, start))
    }

    /// The agent on the host called `hostname`.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func agent(_ hostname: String) async throws -> Agent {
        try await get(["agents", hostname])
    }

    /// The operations that there are, by name.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func operations() async throws -> [OperationDescriptor] {
        try await get(["operations"], as: Operations.self).items
    }

    /// Whom a target expression selects now; nothing is submitted.
    ///
    /// - Parameter target: the expression.
    /// - Returns: at most the first 1000 agents; `total` is exact.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func preview(_ target: String) async throws -> Page<SelectedAgent> {
        try await post(["targets", "preview"], ["target": target])
    }

    /// What the controller tells of itself: jobs per status, agents known and connected.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func status() async throws -> JSONValue {
        try await get(["status"])
    }

    /// Every limit that a client can meet.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func limits() async throws -> JSONValue {
        try await get(["limits"])
    }
}

/// An agent that a target expression selects.
public struct SelectedAgent: Codable, Hashable, Sendable {
    /// Its id.
    public let id: AgentID
    /// The name of its host.
    public let hostname: String
    /// Whether it is connected now.
    public let connected: Bool

    /// Makes a record of its parts.
    public init(id: AgentID, hostname: String, connected: Bool) {
        self.id = id
        self.hostname = hostname
        self.connected = connected
    }
}

/// The list of operations, which is short and has no pages.
private struct Operations: Decodable {
    let items: [OperationDescriptor]
}
