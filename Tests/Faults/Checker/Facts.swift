// SPDX-License-Identifier: Apache-2.0

// The records as the API shows them, read by these types alone and not by those of the product.

/// A job.
struct JobFact: Decodable, Sendable {
    var id: String
    var status: String
    var agentCounts: [String: Int]
    var changed: Bool?
    var agentsChanged: Int
    var note: String?
    var createdAt: String
    var deadlineAt: String
    var startedAt: String?
    var completedAt: String?
    var retryOf: String?
}

/// Why something did not go well.
struct ErrorFact: Decodable, Sendable {
    var code: String
    var message: String
}

/// A run.
struct RunFact: Decodable, Sendable {
    struct Output: Decodable, Sendable {
        var stdout: String?
    }

    var jobId: String
    var hostname: String
    var status: String
    var attempt: Int
    var changed: Bool?
    var error: ErrorFact?
    var acknowledgedAt: String?
    var startedAt: String?
    var completedAt: String?
    var data: Output?
}

/// A line of a timeline.
struct EventFact: Decodable, Sendable {
    var timestamp: String
    var event: String
    var hostname: String?
    var message: String?
    var error: ErrorFact?
}

/// An agent.
struct AgentFact: Decodable, Sendable {
    var hostname: String
    var connected: Bool
}

/// What the controller says of itself.
struct StatusFact: Decodable, Sendable {
    struct Agents: Decodable, Sendable {
        var known: Int
        var connected: Int
    }

    var jobs: [String: Int]
    var agents: Agents
}

/// A row of an agent's ledger.
struct LedgerFact: Sendable {
    var jobID: String
    var attempt = 1
    var state: String
    var outcome: String?
    var errorCode: String?
    /// When the agent stored the outcome, in milliseconds.
    var endedAt: Int64 = 0
    /// How many reports of it wait to be told.
    var untold: Int
}
