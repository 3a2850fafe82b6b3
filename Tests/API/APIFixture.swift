// SPDX-License-Identifier: Apache-2.0

import Access
import ControllerMetrics
import Enrolment
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobDispatch
import Jobs
import Logging
import Objects
import Store

@testable import API

/// A controller without a fleet: a real store, directory and job service behind the API.
struct APIFixture: Sendable {
    static let secret = "right-secret"

    let store: any JobStore
    let access: AccessControl
    let directory: AgentDirectory
    let jobs: JobService
    /// Nil for an API without objects.
    var objects: ObjectService?
    let now = Timestamp(milliseconds: 1_800_000_000_125)

    /// Makes a fixture whose store knows agents of these hostnames.
    init(
        hosts: [String] = ["db-1", "web-1", "web-2"],
        connected: Set<String> = ["web-1"],
        limits: JobLimits = JobLimits(),
        requests: Quota? = nil
    ) async throws {
        let store = try SQLiteStore.inMemory()
        let access = try await Self.access(store, requests: requests)
        try await self.init(store: store, access: access, hosts: hosts, connected: connected, limits: limits)
    }

    /// Makes a fixture over a store for jobs; keys and the audit log are elsewhere.
    init(
        store: any JobStore,
        access: AccessControl? = nil,
        hosts: [String] = [],
        connected: Set<String> = [],
        limits: JobLimits = JobLimits()
    ) async throws {
        self.store = store
        if let access {
            self.access = access
        } else {
            self.access = try await Self.access(try SQLiteStore.inMemory())
        }
        let updates = hosts.map { AgentUpdate.introduced(Self.introduction($0)) }
        if !updates.isEmpty { _ = try await store.record(updates, now: now) }
        directory = AgentDirectory(hosts.isEmpty ? [] : try await store.agents(), now: .now)
        for host in connected { _ = directory.setConnected(AgentID("id-\(host)"), true) }
        jobs = JobService(store: store, directory: directory, signal: DeliverySignal(), limits: limits)
    }

    /// The access of two keys that may do everything.
    ///
    /// Failures are as many as the other tests have of them, and more.
    static func access(
        _ store: any AccessStore,
        requests: Quota? = nil,
        failures: Int = 10_000
    ) async throws -> AccessControl {
        let now = Timestamp(milliseconds: 1_800_000_000_125)
        for (name, secret) in [("other", "other-secret"), ("admin", Self.secret)] {
            let record = KeyRecord(id: "brk_\(name)", name: name, scopes: [.admin], createdAt: now)
            let audit = AuditEntry(time: now, action: "createKey", subject: name)
            _ = try await store.create(StoredKey(record: record, secretHash: KeySecret.hash(secret)), audit: audit)
        }
        var limits = AccessControl.Limits()
        limits.requests = requests
        limits.failures = Quota(limit: failures, window: .seconds(60))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let instant = ContinuousClock.now
        return try await AccessControl(
            store: store,
            limits: limits,
            wallClock: { now },
            steadyClock: { instant },
            logger: logger
        )
    }

    private static func introduction(_ host: String) -> AgentIntroduction {
        AgentIntroduction(
            id: AgentID("id-\(host)"),
            hostname: host,
            labels: ["group": String(host.prefix { $0 != "-" })],
            facts: ["cpus": 8],
            version: "0.1.0"
        )
    }

    /// The API with two keys, as a router to which tests may add.
    func router(maximumBody: Int? = nil) -> Router<APIContext> {
        api(maximumBody: maximumBody).makeRouter()
    }

    /// Without an authority, and only where the store is a real one.
    private var enrolment: EnrolmentService? {
        (store as? any EnrolmentStore).map { store in
            EnrolmentService(
                store: store,
                directory: directory,
                registry: EnrolmentRegistry(revoked: [], labels: [:]),
                issuer: nil,
                places: { nil },
                closeUnwelcome: {},
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }
    }

    private func api(
        maximumBody: Int? = nil,
        connections: ConnectionLimits = ConnectionLimits(),
        bodies: (maximum: Int, ofKey: Int)? = nil,
        streams: (all: Int, ofKey: Int)? = nil,
        exportPart: Int? = nil,
        heartbeat: Duration? = nil,
        outputs: (any AgentOutputs)? = nil
    ) -> ControllerAPI {
        var configuration = APIConfiguration(version: "0.1.0")
        if let maximumBody { configuration.maximumBody = maximumBody }
        configuration.connections = connections
        if let bodies { (configuration.maximumBodies, configuration.maximumBodiesOfKey) = bodies }
        if let streams { (configuration.maximumStreams, configuration.maximumStreamsOfKey) = streams }
        if let exportPart { configuration.exportPart = exportPart }
        if let heartbeat { configuration.streamHeartbeat = heartbeat }
        let now = now
        return ControllerAPI(
            configuration: configuration,
            jobs: jobs,
            access: access,
            enrolment: enrolment,
            webhooks: store as? any WebhookStore,
            objects: objects,
            outputs: outputs,
            metrics: [store as? any MetricsSource, jobs.latency].compactMap(\.self),
            wallClock: { now }
        )
    }

    /// Serves the API to `body`.
    func serve(
        _ setup: TestingSetup = .router,
        router: Router<APIContext>? = nil,
        connections: ConnectionLimits = ConnectionLimits(),
        bodies: (maximum: Int, ofKey: Int)? = nil,
        streams: (all: Int, ofKey: Int)? = nil,
        exportPart: Int? = nil,
        heartbeat: Duration? = nil,
        outputs: (any AgentOutputs)? = nil,
        _ body: @Sendable (APIClient) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let api = api(
            connections: connections,
            bodies: bodies,
            streams: streams,
            exportPart: exportPart,
            heartbeat: heartbeat,
            outputs: outputs
        )
        let application = Application(
            router: router ?? api.makeRouter(),
            server: .http1(configuration: .init(additionalChannelHandlers: api.connectionHandlers())),
            logger: logger
        )
        try await application.test(setup) { try await body(APIClient(client: $0)) }
    }

    /// Submits a job behind the API's back.
    func submit(
        _ target: String = "_all",
        _ operation: OperationRequest = OperationRequest(type: "ping")
    ) async throws
        -> Job
    {
        try await jobs.submit(JobRequest(operation: operation, target: target), by: Requester(name: "admin"), now: now)
            .job
    }

    /// Delivers to the agents of these hosts what there is for them, and has them acknowledge it.
    @discardableResult
    func deliver(to hosts: [String]) async throws -> [Delivery] {
        let requests = hosts.map { OfferRequest(agentID: AgentID("id-\($0)"), held: 0) }
        let offers = try await store.offers(for: requests, limit: 100, now: now)
        let held = offers.map { AgentUpdate.holds($0, upTo: $1.last?.number ?? 0) }
        _ = try await store.record(held, now: now)
        return offers.values.flatMap(\.self)
    }

    /// Lets the agent of a host tell that a job has begun.
    func begin(_ job: Job, on host: String) async throws {
        let report = RunReport(sequence: 1, jobID: job.id, attempt: 1, event: .started)
        _ = try await store.record([.reported(AgentID("id-\(host)"), report)], now: now)
    }

    /// Lets the agents of these hosts tell an outcome of a job.
    func end(_ job: Job, on hosts: [String], _ outcome: RunOutcome) async throws {
        let updates = hosts.map { host in
            AgentUpdate.reported(
                AgentID("id-\(host)"),
                RunReport(sequence: 1, jobID: job.id, attempt: 1, event: .ended(outcome))
            )
        }
        _ = try await store.record(updates, now: now)
    }
}

/// Makes requests with a key and reads answers as JSON.
struct APIClient: Sendable {
    let client: any TestClientProtocol

    /// An answer.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: ByteBuffer

        var text: String { String(buffer: body) }
        var json: JSONValue { (try? JSON.decode(JSONValue.self, from: body.readableBytesView)) ?? .null }
        var code: String? { json["code"]?.string }
        var detail: String { json["detail"]?.string ?? "" }
        var pointers: [String] { json["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [] }
        var parameters: [String] { json["errors"]?.array?.compactMap { $0["parameter"]?.string } ?? [] }
        var items: [JSONValue] { json["items"]?.array ?? [] }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        key: String? = APIFixture.secret,
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let key { fields[.authorization] = "Bearer \(key)" }
        if body != nil, headers["Content-Type"] == nil { fields[.contentType] = "application/json" }
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        let response = try await client.executeRequest(
            uri: uri,
            method: method,
            headers: fields,
            body: body.map { ByteBuffer(string: $0) }
        )
        return Answer(status: response.status.code, headers: response.headers, body: response.body)
    }

    func get(_ uri: String) async throws -> Answer { try await send(.get, uri) }

    func post(_ uri: String, _ body: String) async throws -> Answer { try await send(.post, uri, body: body) }

    func submit(_ body: String) async throws -> Answer { try await post("/api/v1/jobs", body) }
}
