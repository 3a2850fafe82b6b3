// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging
import NNG
package import Runner
import ServiceLifecycle
import Synchronization
import Wire

/// Keeps an agent's link to its controller: says hello, polls for work, tells what happened.
///
/// All that must not be forgotten is with the runner: what the agent holds, and what it has not told yet. So a link can
/// break at any moment: the next session begins with a hello, polls with what is held, and tells again what has no
/// receipt. One session follows another with growing, jittered pauses.
package final class LinkService: Service {
    let configuration: LinkConfiguration
    let runner: any RunHolder
    let verifier: DeliveryVerifier
    let credentials: CredentialExchange?
    let objects: ObjectLine?
    let outputs: OutputExchange?
    let logger: Logger
    private let dialURL: @Sendable () async throws -> String
    private let collectFacts: @Sendable () -> [String: JSONValue]
    private let ownFacts: @Sendable () -> [String: JSONValue]
    private let certificateExpiresAt: @Sendable () -> Timestamp?
    /// New with each start of the program.
    private let instance: String
    private let polls = Mutex<UInt64>(0)
    private let linked = Mutex(false)

    /// Makes a link.
    ///
    /// - Parameters:
    ///   - configuration: who the agent is, and how it keeps its link.
    ///   - runner: takes runs and knows what is to be told.
    ///   - verifier: decides what is believed of what is delivered.
    ///   - instance: a random text, new with each start of the program.
    ///   - dialURL: where nng dials, known once the tunnel listens.
    ///   - collectFacts: what is found out about the host.
    ///   - ownFacts: what the agent says of itself; to be quick, since it is asked every few seconds.
    ///   - certificateExpiresAt: when the certificate ends that the agent has now; nil where that is not known.
    ///   - credentials: how certificates are renewed; nil where they come from elsewhere.
    ///   - objects: what runs ask of the controller's objects; nil for none.
    ///   - outputs: where outputs are that the controller may ask for; nil where none are kept.
    ///   - logger: for changes of the link.
    package init(
        configuration: LinkConfiguration,
        runner: any RunHolder,
        verifier: DeliveryVerifier,
        instance: String,
        dialURL: @escaping @Sendable () async throws -> String,
        collectFacts: @escaping @Sendable () -> [String: JSONValue],
        ownFacts: @escaping @Sendable () -> [String: JSONValue] = { [:] },
        certificateExpiresAt: @escaping @Sendable () -> Timestamp? = { nil },
        credentials: CredentialExchange? = nil,
        objects: ObjectLine? = nil,
        outputs: OutputExchange? = nil,
        logger: Logger
    ) {
        self.certificateExpiresAt = certificateExpiresAt
        self.credentials = credentials
        self.objects = objects
        self.outputs = outputs
        self.configuration = configuration
        self.runner = runner
        self.verifier = verifier
        self.instance = instance
        self.dialURL = dialURL
        self.collectFacts = collectFacts
        self.ownFacts = ownFacts
        self.logger = logger
    }

    /// Keeps the link until shutdown; then what there is to tell is told, within a bound.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await self.keepSessions()
        }
    }

    private func keepSessions() async throws {
        var backoff = Backoff(minimum: configuration.backoffMinimum, maximum: configuration.backoffMaximum)
        var isTroubled = false
        while !Task.isCancelled {
            let session = LinkSession(link: self, logger: logger)
            var pause: Duration?
            do {
                try await session.run(url: try await dialURL())
            } catch is CancellationError {
                break
            } catch LinkError.refused(let code, let message, let retryAfter) {
                pause = retryAfter
                logger.warning("refused by the controller", metadata: ["code": "\(code)", "message": "\(message)"])
            } catch {
                if !isTroubled { logger.warning("no link to the controller", metadata: ["error": "\(error)"]) }
            }
            isTroubled = !session.wasWelcome
            if session.wasWelcome { backoff.reset() }
            let jittered = backoff.next(random: .random(in: 0..<1))
            do { try await Task.sleep(for: (pause ?? .zero) + jittered) } catch { break }
        }
    }

    /// Whether there is a session that the controller has welcomed.
    package var isLinked: Bool { linked.withLock { $0 } }

    // MARK: For the session

    func setLinked(_ isLinked: Bool) {
        linked.withLock { $0 = isLinked }
    }

    /// What may change at any moment and costs next to nothing to look at.
    struct Condition: Equatable {
        let facts: [String: JSONValue]
        let jobKeysVersion: UInt64
        let certificateExpiresAt: Timestamp?
    }

    func condition() -> Condition {
        Condition(
            facts: ownFacts(),
            jobKeysVersion: verifier.trust.version,
            certificateExpiresAt: certificateExpiresAt()
        )
    }

    func introduction(in condition: Condition) -> Introduction {
        Introduction(
            instance: instance,
            hostname: configuration.hostname,
            labels: configuration.labels,
            facts: collectFacts().merging(condition.facts) { $1 },
            version: configuration.version,
            ledgerID: runner.ledgerID,
            jobKeysVersion: condition.jobKeysVersion,
            certificateExpiresAt: condition.certificateExpiresAt
        )
    }

    /// The next poll of a session with the store `storeID`; what was held of another store does not count there.
    func nextPoll(storeID: String, reports: [RunReport]) async throws -> Poll {
        let position = try await runner.position
        let active = try await runner.active(limit: WireLimits.activeRuns)
        let sequence = polls.withLock { polls in
            polls += 1
            return polls
        }
        return Poll(
            instance: instance,
            storeID: storeID,
            held: position.storeID == storeID ? position.held : 0,
            active: active.map { Poll.ActiveRun(jobID: $0.jobID, attempt: $0.attempt) },
            sequence: sequence,
            refusedOrders: position.storeID == storeID ? position.refusedOrders : [],
            reports: reports
        )
    }
}
