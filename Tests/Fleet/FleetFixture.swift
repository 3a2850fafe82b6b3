// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobDispatch
import Jobs
import Logging
import NNG
import Objects
import ServiceLifecycle
import Signing
import Store
import Synchronization
import Testing
import Wire

@testable import Fleet

/// A fleet service over a real store and real nng on loopback, and agents that speak the protocol by hand.
final class FleetFixture: Sendable {
    let store: any JobStore
    let directory: AgentDirectory
    let jobs: JobService
    let fleet: FleetService
    let signer: JobSigner
    private let identities: Identities

    /// Hands out ids by the order of connections; refuses all when told so.
    final class Identities: Sendable {
        private let state = Mutex((next: 0, refuses: false))
        let hostname: String?
        private let isOneAgent: Bool

        init(hostname: String?, isOneAgent: Bool) {
            self.hostname = hostname
            self.isOneAgent = isOneAgent
        }

        func next() -> AgentIdentity? {
            state.withLock { state in
                guard !state.refuses else { return nil }
                state.next += 1
                return AgentIdentity(id: AgentID("agent-\(isOneAgent ? 1 : state.next)"), hostname: hostname)
            }
        }

        func refuseAll() {
            state.withLock { $0.refuses = true }
        }
    }

    private init(
        identities: Identities,
        store: SQLiteStore?,
        objects: ObjectService?,
        admits: @escaping @Sendable (AgentIdentity) -> Bool,
        certify: FleetService.Certify?,
        _ configure: (inout FleetConfiguration) -> Void
    ) async throws {
        let store = try store ?? SQLiteStore.inMemory()
        self.store = store
        directory = AgentDirectory(try await store.agents(), now: .now)
        let signal = DeliverySignal()
        jobs = JobService(store: store, directory: directory, signal: signal, limits: JobLimits(), objects: store)
        self.identities = identities
        var configuration = FleetConfiguration()
        configure(&configuration)
        signer = try JobSigner.new()
        fleet = try FleetService(
            listeningAt: "tcp://127.0.0.1:0",
            configuration: configuration,
            jobs: jobs,
            signal: signal,
            signer: signer,
            identify: { _ in identities.next() },
            admits: admits,
            certify: certify,
            objects: objects,
            wallClock: FleetFixture.now,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// Runs `body` beside a serving fleet.
    static func with(
        heartbeat: Duration = .seconds(30),
        hostname: String? = nil,
        isOneAgent: Bool = false,
        store: SQLiteStore? = nil,
        objects: ObjectService? = nil,
        admits: @escaping @Sendable (AgentIdentity) -> Bool = { _ in true },
        certify: FleetService.Certify? = nil,
        configure: (inout FleetConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (FleetFixture) async throws -> Void
    ) async throws {
        let identities = Identities(hostname: hostname, isOneAgent: isOneAgent)
        let fixture = try await FleetFixture(
            identities: identities,
            store: store,
            objects: objects,
            admits: admits,
            certify: certify
        ) { configuration in
            configuration.heartbeat = heartbeat
            configure(&configuration)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fixture.fleet.run() }
            try await body(fixture)
            group.cancelAll()
        }
    }

    static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    func refuseIdentities() {
        identities.refuseAll()
    }

    func connect() throws -> HandAgent {
        try HandAgent(port: try #require(fleet.port))
    }

    /// Submits a job for everybody.
    func submit(target: String = "_all", type: String = "ping") async throws -> Job {
        try await jobs.submit(
            JobRequest(operation: OperationRequest(type: type), target: target),
            by: .nobody,
            now: Self.now()
        ).job
    }

    /// The job once `isReached` holds of it; polls the store, since a commit has no other signal here.
    func job(_ id: JobID, when isReached: (Job) -> Bool) async throws -> Job {
        while true {
            let job = try #require(try await store.job(id))
            if isReached(job) { return job }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// An agent that sends what it is told to send.
final class HandAgent: Sendable {
    let socket: Socket
    let polls: Context
    let reports: Context
    private let welcome = Mutex("")

    /// The store that welcomed it.
    var storeID: String { welcome.withLock { $0 } }

    init(port: UInt16) throws {
        var options = Socket.Options()
        options.requestResendInterval = nil
        socket = try Socket.request(options: options)
        try socket.dial("tcp://127.0.0.1:\(port)", start: .blocking)
        polls = try Context(on: socket)
        reports = try Context(on: socket)
    }

    func ask(
        _ message: AgentMessage,
        on context: Context? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> ControllerMessage {
        try ControllerMessage(bytes: try await (context ?? polls).request(message.bytes, timeout: timeout))
    }

    @discardableResult
    func hello(
        _ hostname: String,
        instance: String = "i",
        jobKeysVersion: UInt64 = 0,
        timeout: Duration = .seconds(60)
    ) async throws -> ControllerMessage {
        let answer = try await ask(
            .hello(
                Introduction(
                    instance: instance,
                    hostname: hostname,
                    labels: ["env": "test"],
                    facts: ["cpus": 2],
                    version: "test",
                    ledgerID: "l",
                    jobKeysVersion: jobKeysVersion
                )
            ),
            timeout: timeout
        )
        if case .welcome(let answer) = answer { welcome.withLock { $0 = answer.storeID } }
        return answer
    }

    func poll(
        _ sequence: UInt64,
        held: UInt64 = 0,
        instance: String = "i",
        reports: [RunReport] = []
    ) async throws -> ControllerMessage {
        try await ask(
            .poll(
                Poll(
                    instance: instance,
                    storeID: storeID,
                    held: held,
                    active: [],
                    sequence: sequence,
                    reports: reports
                )
            )
        )
    }

    func report(_ event: RunReport.Event, of job: JobID, sequence: Int64 = 1) async throws -> ControllerMessage {
        try await ask(
            .reports([RunReport(sequence: sequence, jobID: job, attempt: 1, event: event)]),
            on: reports
        )
    }
}

extension ControllerMessage {
    /// What a poll is answered with; nil for any other answer.
    var work: Work? {
        guard case .work(let work) = self else { return nil }
        return work
    }

    var sealed: [SealedDelivery] { work?.deliveries ?? [] }

    /// What was delivered, whoever signed it.
    var deliveries: [Delivery] {
        sealed.compactMap { delivery in
            switch delivery.kind {
            case .run(let startWithin, _):
                (try? Envelope(bytes: delivery.content)).map {
                    .run($0.assignment(delivery: delivery.number, startWithin: startWithin))
                }
            case .cancel: (try? OrderContent.cancel(delivery.content, delivery: delivery.number)).map { .cancel($0) }
            case .go: (try? OrderContent.go(delivery.content, delivery: delivery.number)).map { .go($0.order) }
            }
        }
    }

    var assignments: [Assignment] { deliveries.compactMap(\.assignment) }
}

extension Requester {
    static let nobody = Requester(name: nil)
}
