// SPDX-License-Identifier: Apache-2.0

package import JobDispatch
package import Jobs
package import Logging
package import NNG
package import Objects
import ServiceLifecycle
package import Signing
import Store
import Synchronization
import Wire

/// The agents' side of the controller: takes their messages, commits what they tell, parks their polls and answers them.
///
/// Messages are taken in batches: whatever has arrived while the last batch was being committed is committed together,
/// in one transaction, and answered after it. A poll is answered when there is work for its agent, or when the heartbeat
/// interval has passed.
///
/// ## When something fails
///
/// What cannot be stored is refused, and the agent asks again; nothing is acknowledged that is not on disk. A message
/// that is not of this protocol costs its sender the pipe and nobody else anything. A crash loses the sessions only:
/// each agent's next poll is answered with `introduce`, and its hello says all that the controller has to know.
package final class FleetService: Service {
    let configuration: FleetConfiguration
    let raw: RawReply
    let jobs: JobService
    let identify: @Sendable (RemoteAddress) -> AgentIdentity?
    let admits: @Sendable (AgentIdentity) -> Bool
    let certify: Certify
    let certificateQuestions = CertificateQuestions()
    /// Gives agents the objects that their runs need; nil where none are kept.
    let objectDesk: ObjectDesk?
    /// Takes files of hosts; nil where no objects are kept.
    let uploadDesk: UploadDesk?
    let outputs = OutputRelay()
    /// Pipes that have claimed to be another host: they are closed once they have been told so.
    let impostors = Mutex(Set<PipeID>())
    let signal: DeliverySignal
    let sealer: DeliverySealer
    let wallClock: @Sendable () -> Timestamp
    let logger: Logger
    let rejections = LogThrottle()
    let table = Mutex(SessionTable<ReplyAddress>())
    let heardSinceFlush = Mutex(Set<AgentID>())
    let pace: Mutex<GreetingPace>
    /// What was met since the start.
    package let counters: FleetCounters

    var store: any JobStore { jobs.store }
    var directory: AgentDirectory { jobs.directory }

    /// Makes a service and listens; agents are answered once it runs.
    ///
    /// - Parameters:
    ///   - url: where nng listens, on loopback: `tcp://127.0.0.1:0`.
    ///   - configuration: intervals and limits.
    ///   - jobs: knows the store and the directory.
    ///   - counters: take what is met.
    ///   - signal: raised when there is new work; the same that `jobs` raises.
    ///   - signer: signs what is delivered.
    ///   - identify: says whose connection comes from an address, as the tunnel knows it; nil closes the connection.
    ///   - admits: whether an agent that was let in may still begin a session: false once it is revoked.
    ///   - certify: answers an agent's question for certificates; nil where the controller issues none.
    ///   - objects: what agents fetch for their runs; nil where none are kept.
    ///   - wallClock: the controller's time.
    ///   - logger: for sessions that come and go, and for what is refused.
    /// - Throws: `NNGError` where it cannot listen.
    package init(
        listeningAt url: String,
        configuration: FleetConfiguration,
        jobs: JobService,
        counters: FleetCounters = FleetCounters(),
        signal: DeliverySignal,
        signer: JobSigner,
        identify: @escaping @Sendable (RemoteAddress) -> AgentIdentity?,
        admits: @escaping @Sendable (AgentIdentity) -> Bool = { _ in true },
        certify: Certify? = nil,
        objects: ObjectService? = nil,
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) throws {
        self.configuration = configuration
        pace = Mutex(GreetingPace(perSecond: configuration.greetingsPerSecond))
        self.jobs = jobs
        self.counters = counters
        self.signal = signal
        sealer = DeliverySealer(signer: signer, store: jobs.store)
        self.identify = identify
        self.admits = admits
        self.certify =
            certify ?? { _, _ in
                .refusal(
                    code: "no_authority",
                    message: "this controller issues no certificates",
                    retryAfter: .seconds(3600)
                )
            }
        objectDesk = objects.map(ObjectDesk.init)
        uploadDesk = objects.map { UploadDesk($0, wallClock: wallClock) }
        self.wallClock = wallClock
        self.logger = logger
        var options = Socket.Options.manyPeers
        options.receiveMaximum = WireLimits.message
        raw = try RawReply(on: .rawReply(options: options), limits: configuration.inbox)
        listener = Mutex(nil)
        try raw.socket.handlePipes(
            adding: { [weak self] pipe in self?.admit(pipe) ?? .reject },
            removed: { [weak self] pipe in self?.removed(pipe.id) }
        )
        let opened = try raw.socket.listen(at: url)
        listener.withLock { $0 = opened }
    }

    private let listener: Mutex<Listener?>

    /// The port that nng listens on.
    package var port: UInt16? {
        listener.withLock { $0?.port }
    }

    /// Serves agents until shutdown; then every parked poll is answered, and the socket is closed.
    package func run() async throws {
        try await untilGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.takeMessages() }
                group.addTask {
                    try await self.signal.forEach { try await self.wake($0.agents, $0.offers) }
                }
                group.addTask { try await self.beat() }
                group.addTask { try await self.answerCertificateQuestions() }
                group.addTask { try await self.answerObjectQuestions() }
                group.addTask { try await self.answerUploads() }
            }
        }
        await answerAll()
        raw.close()
    }

    // MARK: Pipes

    private func admit(_ pipe: Pipe) -> PipeAdmission {
        guard let address = pipe.remoteAddress, let agent = identify(address) else {
            counters.count(.unidentified)
            return .reject
        }
        table.withLock { $0.pipeAdded(pipe.id, of: agent) }
        return .accept
    }

    private func removed(_ pipe: PipeID) {
        if let agent = table.withLock({ $0.pipeRemoved(pipe) }) { disconnected(agent) }
    }

    private func disconnected(_ agent: AgentID) {
        _ = directory.setConnected(agent, false)
        objectDesk?.forget(agent)
        outputs.lost(agent)
        logger.info("agent disconnected", metadata: ["agent.id": "\(agent)"])
    }

    func closePipe(_ pipe: PipeID, _ reason: FleetCounters.Event) {
        counters.count(reason)
        raw.closePipe(pipe)
    }

    // MARK: Heartbeat

    /// Answers polls that have been parked for the heartbeat interval, drops dead links, writes down who was heard of.
    private func beat() async throws {
        var flushedAt = ContinuousClock.now
        let tick = min(.seconds(1), configuration.heartbeat / 4)
        while !Task.isCancelled {
            do { try await Task.sleep(for: tick) } catch { return }
            let now = ContinuousClock.now
            let overdue = table.withLock { $0.takeOverdue(now: now) }
            directory.setParked(overdue.lazy.map(\.agent), false)
            try await answer(overdue.map { ($0.address, work([], for: $0)) })
            outputs.expire(now: now, patience: configuration.outputPatience)
            for pipe in impostors.withLock({ pipes in
                defer { pipes = [] }; return pipes
            }) { raw.closePipe(pipe) }
            for (agent, pipe) in table.withLock({ table in
                table.dropSilent(since: now - configuration.silence, challengedBefore: now - configuration.challenge)
            }) {
                closePipe(pipe, .silent)
                disconnected(agent)
            }
            if now - flushedAt > .seconds(60) {
                flushedAt = now
                await flushHeard()
            }
        }
    }

    /// Writes down when agents were last heard of; a loss of this on a crash costs nothing but a stale time.
    private func flushHeard() async {
        let heard = heardSinceFlush.withLock { heard in
            defer { heard = [] }
            return heard
        }
        guard !heard.isEmpty else { return }
        do {
            let updates = directory.lastSeen(of: heard).map { AgentUpdate.seen($0, at: $1) }
            _ = try await store.record(updates, now: wallClock())
        } catch {
            logger.warning("last-seen times could not be stored", metadata: ["error": "\(error)"])
        }
    }

    private func answerAll() async {
        let now = ContinuousClock.now
        let parked = table.withLock { $0.takeAll(now: now) }
        // Shield: the group above is cancelled by now, and the agents are to hear of the end all the same.
        await Task { try? await self.answer(parked.map { ($0.address, self.work([], for: $0)) }) }.value
        await Task { await self.flushHeard() }.value
    }

    // MARK: Answers

    /// The answer to a poll; it tells the heartbeat interval where the fleet has grown or shrunk since it was told, and what is
    /// wanted of outputs.
    func work(_ deliveries: [SealedDelivery], for poll: SessionTable<ReplyAddress>.Taken) -> ControllerMessage {
        let heartbeat = heartbeat
        let isNews = heartbeat > poll.heartbeat * 1.1 || heartbeat * 1.1 < poll.heartbeat
        if isNews { table.withLock { $0.told(heartbeat, to: poll.agent) } }
        return .work(
            Work(
                storeID: store.storeID,
                deliveries,
                parked: ContinuousClock.now - poll.parked.since,
                heartbeat: isNews ? heartbeat : nil,
                confirmed: poll.parked.reports,
                outputs: outputs.takeUnsent(for: poll.agent)
            )
        )
    }

    /// Within what time polls are answered now.
    var heartbeat: Duration {
        configuration.heartbeat(agents: directory.counts.connected)
    }

    func answer(_ answers: [(ReplyAddress, ControllerMessage)]) async throws {
        guard !answers.isEmpty else { return }
        try await raw.reply(answers.map { Reply(to: $0.0, body: $0.1.bytes) })
    }
}
