// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The version of the protocol between agents and controller that this build speaks.
package let protocolVersion: UInt32 = 1

/// What an agent says of itself when a session begins.
package struct Introduction: Hashable, Sendable {
    /// New with each start of the agent program.
    package var instance: String
    /// The name of the host.
    package var hostname: String
    /// From the agent's configuration.
    package var labels: [String: String]
    /// From the host.
    package var facts: [String: JSONValue]
    /// Of the agent program.
    package var version: String
    /// Of the agent's ledger.
    package var ledgerID: String
    /// Of the job keys that the agent trusts.
    package var jobKeysVersion: UInt64
    /// When the certificate ends that the agent has now; nil where it does not tell.
    package var certificateExpiresAt: Timestamp?

    /// Makes an introduction of its parts.
    package init(
        instance: String,
        hostname: String,
        labels: [String: String],
        facts: [String: JSONValue],
        version: String,
        ledgerID: String,
        jobKeysVersion: UInt64 = 0,
        certificateExpiresAt: Timestamp? = nil
    ) {
        self.certificateExpiresAt = certificateExpiresAt
        self.instance = instance
        self.hostname = hostname
        self.labels = labels
        self.facts = facts
        self.version = version
        self.ledgerID = ledgerID
        self.jobKeysVersion = jobKeysVersion
    }
}

/// What an agent holds, and that it is ready for more.
package struct Poll: Hashable, Sendable {
    /// A run that the agent has not finished.
    package struct ActiveRun: Hashable, Sendable {
        /// The job.
        package var jobID: JobID
        /// Which execution.
        package var attempt: Int

        /// Makes a value of its parts.
        package init(jobID: JobID, attempt: Int) {
            self.jobID = jobID
            self.attempt = attempt
        }
    }

    /// The session that polls.
    package var instance: String
    /// The store whose deliveries `held` counts; empty before the first welcome.
    package var storeID: String
    /// Up to which delivery the agent holds everything on its disk.
    package var held: UInt64
    /// What it has not finished.
    package var active: [ActiveRun]
    /// Rises with each poll of an instance.
    package var sequence: UInt64
    /// Orders up to `held` that it does not follow.
    package var refusedOrders: [RefusedOrder]
    /// What happened to runs; only for a controller that takes reports in polls.
    package var reports: [RunReport]

    /// Makes a poll of its parts.
    package init(
        instance: String,
        storeID: String,
        held: UInt64,
        active: [ActiveRun],
        sequence: UInt64,
        refusedOrders: [RefusedOrder] = [],
        reports: [RunReport] = []
    ) {
        self.reports = reports
        self.sequence = sequence
        self.refusedOrders = refusedOrders
        self.instance = instance
        self.storeID = storeID
        self.held = held
        self.active = active
    }
}

/// A message from an agent.
package enum AgentMessage: Hashable, Sendable {
    /// Begins a session or renews what it told.
    case hello(Introduction)
    /// Asks for work.
    case poll(Poll)
    /// Tells what happened.
    case reports([RunReport])
    /// Asks for the authorities to trust and, with a certificate request (PKCS#10, DER), for the next certificate.
    case credentials(certificateRequest: [UInt8])
    /// Asks for bytes of an object that a run needs.
    case object(ObjectQuestion)
    /// Gives bytes of a file to the controller's objects.
    case upload(ObjectUpload)
    /// Gives a part of an output that the controller has asked for.
    case output(OutputPiece)
}

/// What an agent is told about the certificates of both sides.
package struct AgentCredentials: Hashable, Sendable {
    /// The agent's certificate and intermediate ones, PEM; empty where it asked for none.
    package var certificateChain: String
    /// The authorities to trust, PEM; the first one issues certificates now.
    package var authorities: String

    /// Makes a value of its parts.
    package init(certificateChain: String, authorities: String) {
        self.certificateChain = certificateChain
        self.authorities = authorities
    }
}

/// The answer to a poll.
package struct Work: Hashable, Sendable {
    /// The store whose deliveries these are.
    package var storeID: String
    /// The next ones; none at a heartbeat.
    package var deliveries: [SealedDelivery]
    /// How long the poll was parked.
    package var parked: Duration
    /// Within what time the next poll is answered; nil where that is as before.
    package var heartbeat: Duration?
    /// The sequences of the reports of the poll that are on disk.
    package var confirmed: [Int64]
    /// What is wanted of outputs that the agent has kept.
    package var outputs: [OutputRequest]

    /// Makes an answer of its parts.
    package init(
        storeID: String,
        _ deliveries: [SealedDelivery],
        parked: Duration,
        heartbeat: Duration? = nil,
        confirmed: [Int64] = [],
        outputs: [OutputRequest] = []
    ) {
        self.storeID = storeID
        self.deliveries = deliveries
        self.parked = parked
        self.heartbeat = heartbeat
        self.confirmed = confirmed
        self.outputs = outputs
    }
}

/// The answer to a hello.
package struct Welcome: Hashable, Sendable {
    /// The controller's store.
    package var storeID: String
    /// Within what time polls are answered.
    package var heartbeat: Duration
    /// Sets of job keys that the agent does not have yet.
    package var jobKeys: [String]
    /// Whether polls may carry reports.
    package var takesReportsInPolls: Bool

    /// Makes an answer of its parts.
    package init(storeID: String, heartbeat: Duration, jobKeys: [String] = [], takesReportsInPolls: Bool = false) {
        self.storeID = storeID
        self.heartbeat = heartbeat
        self.jobKeys = jobKeys
        self.takesReportsInPolls = takesReportsInPolls
    }
}

/// A message from the controller.
package enum ControllerMessage: Hashable, Sendable {
    /// The session is known.
    case welcome(Welcome)
    /// The session is not known; hello first.
    case introduce
    /// What there is to do.
    case work(Work)
    /// These reports are on disk.
    case receipt([Int64])
    /// What was asked for.
    case credentials(AgentCredentials)
    /// Bytes of an object.
    case piece(ObjectPiece)
    /// How far the controller is with a file that it is given.
    case uploaded(UploadReceipt)
    /// A piece of output was taken; whether the next is wanted.
    case outputReceipt(goesOn: Bool)
    /// Not granted.
    case refusal(code: String, message: String, retryAfter: Duration)
}

/// A message that cannot be taken.
package enum WireError: Error, Hashable, Sendable {
    /// Not a message of this protocol, or a field is out of its range.
    case malformed(String)
    /// A message of another version of the protocol.
    case foreignVersion(UInt32)
}

/// Limits on what a message may carry, shown at `GET /api/v1/limits` and in the protocol's documentation.
package enum WireLimits {
    /// Bytes of a whole message.
    package static let message = 16 * 1024 * 1024
    /// Bytes of a hostname (RFC 1035 allows 253 for a name).
    package static let hostname = 253
    /// Labels of an agent.
    package static let labels = 256
    /// Bytes of a label's name or value.
    package static let label = 1024
    /// Bytes of an agent's facts as JSON.
    package static let facts = 256 * 1024
    /// Bytes of an outcome's data as JSON.
    package static let data = 14 * 1024 * 1024
    /// How deep facts, data and parameters may be nested.
    package static let depth = 64
    /// Reports in one message.
    package static let reports = 1000
    /// Bytes of an object, or of a file that is to be one.
    package static let objectPiece = 256 * 1024
    /// Bytes of a certificate request.
    package static let certificateRequest = 8192
    /// Requests for output in one answer.
    package static let outputRequests = 64
    /// Bytes of output in one piece.
    package static let outputPiece = 256 * 1024
    /// Bytes of a run that is followed in one piece.
    package static let livePiece = 64 * 1024
    /// The highest place in an output.
    package static let output: UInt64 = 1 << 53
    /// The highest number of a delivery.
    package static let held: UInt64 = 1 << 53
    /// Active runs in one poll.
    package static let activeRuns = 1000
    /// Refused orders in one poll.
    package static let refusedOrders = 64
    /// Bytes of an instance, a ledger id, a store id or a version.
    package static let identifier = 128
    /// Bytes of an error's message; what is longer is cut by the agent.
    package static let errorMessage = 4096
}
