// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// A job to be committed.
package struct NewJob: Sendable {
    /// Its id.
    package let id: JobID
    /// What was asked for.
    package let request: JobRequest
    /// The frozen set; not empty, no agent twice.
    package let agents: [(id: AgentID, hostname: String)]
    /// The agents that will be sent their run right after the commit, where that is possible.
    package let offerNow: Set<AgentID>
    /// The time of submission.
    package let createdAt: Timestamp
    /// Until when runs may be delivered.
    package let deadlineAt: Timestamp
    /// When every run that is still open is given up.
    package let hardEndAt: Timestamp
    /// The name of the API key.
    package let createdBy: String?
    /// The client's name for the submission, remembered with the job.
    package let idempotencyKey: IdempotencyKey?
    /// Whether its runs begin only where no other such run goes on.
    package let isExclusive: Bool
    /// Whether its run waits for a go-ahead, so that it can be given to another agent until it is acknowledged.
    package let awaitsGo: Bool
    /// The job of which it repeats runs.
    package let retryOf: JobID?
    /// How many jobs may be open before it; nil for any number.
    package let maximumOpenJobs: Int?
    /// The line of the audit log that goes with it.
    package let audit: AuditEntry?
    /// The URL that is told of it alone; nil for none.
    package let webhook: NewJobWebhook?
    /// The place in a trace at which it was asked for; nil where none was told.
    package let trace: TraceContext?
    /// The SHA-256 of the stored objects that it needs.
    package let objects: [String]

    /// Makes a job to be committed.
    package init(
        id: JobID,
        request: JobRequest,
        agents: [(id: AgentID, hostname: String)],
        offerNow: Set<AgentID>,
        createdAt: Timestamp,
        deadlineAt: Timestamp,
        hardEndAt: Timestamp,
        createdBy: String?,
        idempotencyKey: IdempotencyKey? = nil,
        isExclusive: Bool = false,
        awaitsGo: Bool = false,
        retryOf: JobID? = nil,
        maximumOpenJobs: Int? = nil,
        audit: AuditEntry? = nil,
        webhook: NewJobWebhook? = nil,
        trace: TraceContext? = nil,
        objects: [String] = []
    ) {
        self.webhook = webhook
        self.trace = trace
        self.objects = objects
        self.isExclusive = isExclusive
        self.awaitsGo = awaitsGo
        self.retryOf = retryOf
        self.maximumOpenJobs = maximumOpenJobs
        self.audit = audit
        self.id = id
        self.request = request
        self.agents = agents
        self.offerNow = offerNow
        self.createdAt = createdAt
        self.deadlineAt = deadlineAt
        self.hardEndAt = hardEndAt
        self.createdBy = createdBy
        self.idempotencyKey = idempotencyKey
    }
}

/// A job that was committed.
package struct CreatedJob: Sendable {
    /// The record.
    package let job: Job
    /// The delivery number of each agent's run.
    package let deliveries: [AgentID: UInt64]
    /// Those of them that count as offered from now on.
    package let offered: [AgentID: UInt64]

    /// Makes the answer of a store.
    package init(job: Job, deliveries: [AgentID: UInt64], offered: [AgentID: UInt64]) {
        self.job = job
        self.deliveries = deliveries
        self.offered = offered
    }
}

/// An agent as the store keeps it.
package struct StoredAgent: Sendable {
    /// The record, `connected` false.
    package let agent: Agent
    /// The highest delivery number given to this agent.
    package let lastDelivery: UInt64

    /// Makes the answer of a store.
    package init(agent: Agent, lastDelivery: UInt64) {
        self.agent = agent
        self.lastDelivery = lastDelivery
    }
}

/// What an agent says of itself when a session begins.
package struct AgentIntroduction: Sendable {
    /// Its id, vouched for by the transport.
    package let id: AgentID
    /// The name of its host.
    package let hostname: String
    /// From its configuration.
    package let labels: [String: String]
    /// From its host.
    package let facts: [String: JSONValue]
    /// Of the agent program.
    package let version: String
    /// Of the agent's ledger: another one than before means that what was in that one is lost.
    package let ledgerID: String
    /// When its certificate ends; nil where that is not known.
    package let certificateExpiresAt: Timestamp?

    /// Makes an introduction of its parts.
    package init(
        id: AgentID,
        hostname: String,
        labels: [String: String],
        facts: [String: JSONValue],
        version: String,
        ledgerID: String = "",
        certificateExpiresAt: Timestamp? = nil
    ) {
        self.certificateExpiresAt = certificateExpiresAt
        self.ledgerID = ledgerID
        self.id = id
        self.hostname = hostname
        self.labels = labels
        self.facts = facts
        self.version = version
    }
}

/// Something that an agent told.
package enum AgentUpdate: Sendable {
    /// A session begins, or facts changed. An agent record of another id with the same hostname is replaced: its open
    /// runs end as `lost` (or `expired` if never offered), since that agent cannot come back under its name.
    case introduced(AgentIntroduction)
    /// The agent holds every delivery up to and including this number on its disk; orders among them that it refuses.
    case holds(AgentID, upTo: UInt64, refused: [RefusedOrder] = [])
    /// A run of the agent moved.
    case reported(AgentID, RunReport)
    /// The agent was heard of at this time.
    case seen(AgentID, at: Timestamp)
}

/// An agent that asks for work.
package struct OfferRequest: Sendable {
    /// The agent.
    package let agentID: AgentID
    /// Up to which delivery it holds.
    package let held: UInt64

    /// Makes a request.
    package init(agentID: AgentID, held: UInt64) {
        self.agentID = agentID
        self.held = held
    }
}
