// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import NNG
import Signing
import Store
import Synchronization
import Wire

extension FleetService {
    /// What a batch of messages comes to: what is to be committed, and what is to be answered after that.
    private struct Batch {
        var updates: [AgentUpdate] = []
        var greetings: [(Greeting, ReplyAddress)] = []
        var receipts: [(ReplyAddress, [Int64])] = []
        /// Polls that are to be parked.
        var polls: [AgentID: ParkedPoll<ReplyAddress>] = [:]
        /// Answers that need no commit.
        var answers: [(ReplyAddress, ControllerMessage)] = []
    }

    private struct Greeting {
        let introduction: AgentIntroduction
        let instance: String
        let jobKeysVersion: UInt64
        let pipe: PipeID
    }

    /// Takes messages until the socket is closed or the task is cancelled.
    func takeMessages() async throws {
        for await requests in raw {
            try await process(requests)
        }
    }

    private func process(_ requests: [Request]) async throws {
        var batch = Batch()
        for request in requests { take(request, into: &batch) }
        do {
            if !batch.updates.isEmpty {
                let changes = try await store.record(batch.updates, now: wallClock())
                directory.delivering(changes.deliveries)
            }
        } catch let error as StoreError {
            logger.error("messages could not be stored", metadata: ["error": "\(error)"])
            return try await refuse(batch)
        }
        welcome(&batch)
        // Before they are parked: whoever takes one then says that it is not.
        directory.setParked(batch.polls.keys, true)
        table.withLock { table in
            for (agent, poll) in batch.polls { table.park(poll, of: agent) }
        }
        batch.answers += batch.receipts.map { ($0, .receipt($1)) }
        try await answer(batch.answers)
        try await wake(batch.polls.keys)
        try await sendOutputRequests(to: batch.polls.keys)
    }

    /// Nothing of the batch is on disk: everybody is asked to come again.
    private func refuse(_ batch: Batch) async throws {
        counters.count(.notStored, by: batch.updates.count)
        table.withLock { table in
            for agent in batch.polls.keys { table.notStored(agent) }
        }
        let addresses = batch.greetings.map(\.1) + batch.receipts.map(\.0) + batch.polls.values.map(\.address)
        try await answer(batch.answers + addresses.map { ($0, unavailable) })
    }

    // MARK: One message

    private func take(_ request: Request, into batch: inout Batch) {
        guard let identity = table.withLock({ $0.owner(of: request.pipe) }) else {
            return closePipe(request.pipe, .unidentified)
        }
        let agent = identity.id
        let message: AgentMessage
        do throws(WireError) {
            message = try AgentMessage(bytes: request.body)
        } catch {
            return reject(request, from: agent, error)
        }
        directory.heard(agent, at: wallClock(), now: .now)
        _ = heardSinceFlush.withLock { $0.insert(agent) }
        switch message {
        case .hello(let introduction): take(introduction, from: identity, request, into: &batch)
        case .poll(let poll): take(poll, from: agent, request, into: &batch)
        case .reports(let reports):
            batch.updates += reports.map { .reported(agent, $0) }
            batch.receipts.append((request.address, reports.map(\.sequence)))
        case .credentials(let certificateRequest):
            if let answer = ask(certificateRequest, from: identity, request) {
                batch.answers.append((request.address, answer))
            }
        case .object(let question):
            if let answer = ask(question, from: agent, request) { batch.answers.append((request.address, answer)) }
        case .upload(let upload):
            if let answer = take(upload, from: agent, request) { batch.answers.append((request.address, answer)) }
        case .output(let piece): take(piece, from: agent, request)
        }
    }

    private func reject(_ request: Request, from agent: AgentID, _ error: WireError) {
        if let left = rejections.pass(now: .now) {
            logger.warning(
                "closed the connection of an agent whose message cannot be read",
                metadata: [
                    "agent.id": "\(agent)", "error": "\("\(error)".prefix(300))", "bytes": "\(request.body.count)",
                    "unlogged": "\(left)",
                ]
            )
        }
        switch error {
        case .malformed: closePipe(request.pipe, .malformed)
        case .foreignVersion: closePipe(request.pipe, .foreignVersion)
        }
    }

    private func take(
        _ introduction: Introduction,
        from identity: AgentIdentity,
        _ request: Request,
        into batch: inout Batch
    ) {
        let agent = identity.id
        guard admits(identity) else { return closePipe(request.pipe, .revoked) }
        if let pause = pauseBeforeGreeting() {
            counters.count(.greetedTooFast)
            let text = "too many agents come at once"
            batch.answers.append((request.address, .refusal(code: "busy", message: text, retryAfter: pause)))
            return
        }
        if let refusal = refusal(of: introduction, to: identity, on: request.pipe) {
            if rejections.pass(now: .now) != nil {
                logger.warning("refused an agent", metadata: ["agent.id": "\(agent)", "error": "\(refusal.text)"])
            }
            let answer = ControllerMessage.refusal(
                code: refusal.code.rawValue,
                message: refusal.text,
                retryAfter: refusal.code == .alreadyConnected ? configuration.challenge : .seconds(30)
            )
            // After a crash of its host it is the agent itself that comes, while its old link looks as if it lived.
            if refusal.code == .alreadyConnected, let poll = table.withLock({ $0.challenge(agent, now: .now) }) {
                batch.answers.append((poll.address, work([], for: poll)))
            }
            batch.answers.append((request.address, answer))
            return
        }
        let greeting = Greeting(
            introduction: AgentIntroduction(
                id: agent,
                hostname: introduction.hostname,
                labels: introduction.labels.merging(identity.labels) { $1 },
                facts: introduction.facts,
                version: introduction.version,
                ledgerID: introduction.ledgerID,
                // A link may stand for long after its agent has a newer certificate than it was made with.
                certificateExpiresAt: introduction.certificateExpiresAt ?? identity.certificateExpiresAt
            ),
            instance: introduction.instance,
            jobKeysVersion: introduction.jobKeysVersion,
            pipe: request.pipe
        )
        batch.updates.append(.introduced(greeting.introduction))
        batch.greetings.append((greeting, request.address))
    }

    /// For how long a hello has to wait, since too many come at once; nil where it is taken now.
    private func pauseBeforeGreeting() -> Duration? {
        let (known, connected) = directory.counts
        let decision = pace.withLock { pace in
            pace.decide(missing: known - connected, random: .random(in: 0..<1), now: .now)
        }
        guard case .comeBack(let pause) = decision else { return nil }
        return pause
    }

    /// Why an agent may not begin a session so; nil where it may.
    private func refusal(
        of introduction: Introduction,
        to identity: AgentIdentity,
        on pipe: PipeID
    ) -> (code: FleetCounters.Event, text: String)? {
        let hostname = introduction.hostname
        if !identity.mayBeCalled(hostname) {
            counters.count(.hostnameMismatch)
            impostors.withLock { _ = $0.insert(pipe) }
            let certified = identity.hostname ?? ""
            return (.hostnameMismatch, "the certificate is for \(certified), the agent calls itself \(hostname)")
        }
        if let other = directory.agent(named: hostname), other.id != identity.id, other.connected {
            counters.count(.hostnameTaken)
            return (.hostnameTaken, "another connected agent is called \(hostname)")
        }
        if let rival = table.withLock({ $0.rival(of: introduction.instance, identity.id, on: pipe) }) {
            counters.count(.alreadyConnected)
            let places = "\(rival.address), and now \(identity.address)"
            return (.alreadyConnected, "another process with the key of \(hostname) is connected: \(places)")
        }
        return nil
    }

    private func take(_ poll: Poll, from agent: AgentID, _ request: Request, into batch: inout Batch) {
        guard poll.storeID == store.storeID else {
            batch.answers.append((request.address, .introduce))
            return
        }
        let action = table.withLock { table in
            table.polled(agent, poll, pipe: request.pipe, now: .now)
        }
        switch action {
        case .introduce: batch.answers.append((request.address, .introduce))
        case .drop: break
        case .accept(let news):
            if news { batch.updates.append(.holds(agent, upTo: poll.held, refused: poll.refusedOrders)) }
            batch.updates += poll.reports.map { .reported(agent, $0) }
            batch.polls[agent] = ParkedPoll(
                address: request.address,
                reports: poll.reports.map(\.sequence),
                since: .now
            )
            _ = directory.setConnected(agent, true)
        }
    }

    // MARK: After the commit

    /// Begins the sessions of those whose hello is on disk now.
    private func welcome(_ batch: inout Batch) {
        let heartbeat = heartbeat
        for (greeting, address) in batch.greetings {
            let introduction = greeting.introduction
            guard table.withLock({ $0.owner(of: greeting.pipe) }).map(admits) != false else {
                closePipe(greeting.pipe, .revoked)
                continue
            }
            let replaced = directory.agent(named: introduction.hostname)?.id
            note(directory.introduced(introduction, at: wallClock(), now: .now), of: introduction)
            table.withLock { table in
                if let replaced, replaced != introduction.id { _ = table.forget(replaced) }
                table.greeted(
                    introduction.id,
                    instance: greeting.instance,
                    pipe: greeting.pipe,
                    heartbeat: heartbeat,
                    now: .now
                )
            }
            if directory.setConnected(introduction.id, true) {
                logger.info(
                    "agent connected",
                    metadata: ["agent.id": "\(introduction.id)", "hostname": "\(introduction.hostname)"]
                )
            }
            let jobKeys = sealer.signer.sets(above: greeting.jobKeysVersion).map(\.text)
            batch.answers.append(
                (
                    address,
                    .welcome(
                        Welcome(
                            storeID: store.storeID,
                            heartbeat: heartbeat,
                            jobKeys: jobKeys,
                            takesReportsInPolls: true
                        )
                    )
                )
            )
        }
    }

    /// Says in the log which plug-ins of an agent are not used.
    private func note(_ refusals: [PluginRefusal], of introduction: AgentIntroduction) {
        guard !refusals.isEmpty, let left = rejections.pass(now: .now) else { return }
        logger.warning(
            "plug-ins of an agent are not used",
            metadata: [
                "agent.id": "\(introduction.id)", "hostname": "\(introduction.hostname)",
                "plugins": "\(refusals.count)",
                "error": "\(refusals.prefix(5).map(\.description).joined(separator: "; "))",
                "unlogged": "\(left)",
            ]
        )
    }
}
