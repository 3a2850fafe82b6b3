// SPDX-License-Identifier: Apache-2.0

import API
import Clocks
import ControllerMetrics
import Enrolment
import Fleet
import FoundationEssentials
import Hummingbird
import HummingbirdCore
import JobDispatch
import JobKeys
import Jobs
import Logging
import NIOCore
import NNG
import Objects
import Outgoing
import ServiceLifecycle
import Settings
import Signing
import Store
import Tokens
import Tunnel
import UnixSignals
import Webhooks

/// Assembles the controller's services and runs them.
struct Controller {
    let settings: ControllerSettings
    let logger: Logger
    private let clock = SteadyClock()

    init(settings: ControllerSettings) {
        self.settings = settings
        var logger = Logger(label: "broker-controller", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = settings.logLevel
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or until a service cannot go on.
    ///
    /// - Throws: ``Failure``.
    func run() async throws {
        OpenFilesLimit.raise()
        try makeStateDirectory()
        let lock = try StateLock(directory: settings.stateDirectory)
        let signer = try JobKeyDirectory(stateDirectory: settings.stateDirectory).openOrCreate()
        let store = try SQLiteStore(path: settings.stateDirectory + "/broker.sqlite")
        if let anchor = clock.anchor { try await adopt(anchor, store) }
        let directory = AgentDirectory(try await store.agents(), now: .now)
        let leftOut = directory.leftOutCount
        if leftOut > 0 {
            logger.warning("agents tell of more plug-ins than are used", metadata: ["left_out": "\(leftOut)"])
        }
        let signal = DeliverySignal()
        let endpoints = EndpointsFile(path: settings.stateDirectory + "/endpoints.json", logger: logger)
        let counters = FleetCounters()
        let jobs = JobService(
            store: store,
            directory: directory,
            signal: signal,
            limits: settings.limits,
            objects: store,
            newestJobID: try await store.newestJobID(),
            checks: ["agents": { await endpoints.agentsProblem }],
            refusals: { counters.snapshot }
        )
        let objects = try await makeObjects(store)
        let peers = PeerDirectory()
        let enrolment = try await makeEnrolment(
            store,
            directory,
            peers,
            endpoints,
            jobKeys: signer.current.text
        )
        let fleet = try makeFleet(
            jobs: jobs,
            counters: counters,
            signal: signal,
            signer: signer,
            peers: peers,
            enrolment: enrolment,
            objects: objects
        )
        let edge = try makeEdge(fleet: fleet, counters: counters, peers: peers, registry: enrolment.registry)
        let tokens = try await settings.tokens?.verifier()
        let access = try await AccessControl(
            store: store,
            limits: settings.access,
            wallClock: clock.now,
            tokens: tokens,
            logger: logger
        )
        let http = try makeHTTP(
            jobs: jobs,
            access: access,
            endpoints: endpoints,
            enrolment: enrolment,
            webhooks: store,
            objects: objects,
            outputs: fleet,
            metrics: [
                store, fleet, jobs.latency, ProcessFigures(), BuildFigures(version: ControllerProgram.version),
            ]
        )
        let webhooks = WebhookService(
            store: store,
            jobs: store,
            client: OutgoingClient(policy: settings.outgoing),
            wallClock: clock.now,
            logger: logger
        )
        let deadlines = DeadlineService(
            store: store,
            directory: directory,
            lease: settings.limits.lease,
            wallClock: clock.now,
            logger: logger
        )
        let any = AnyJobService(jobs: jobs, wallClock: clock.now, logger: logger)
        let retention = RetentionService(
            store: store,
            retention: settings.retention,
            wallClock: clock.now,
            logger: logger
        )
        let announcement = Announcer(edge: edge, endpoints: endpoints)

        // Stopped in the reverse order: first no new jobs, then no new messages.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: Named("keys and audit", access)),
                .init(service: Named("retention", retention)),
                .init(service: Named("objects", objects)),
                .init(service: Named("deadlines", deadlines)),
                .init(service: Named("webhooks", webhooks)),
                .init(service: Named("runs for any agent", any)),
                .init(service: Named("agents", fleet)),
                .init(service: Named("agents at \(settings.agents)", edge)),
                .init(service: announcement, successTerminationBehavior: .ignore),
                .init(service: Named("HTTP at \(settings.http)", http)),
            ] + certificateServices().map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        if let tokens, let source = settings.tokens?.source {
            let keys = KeySetService(source: source, verifier: tokens, logger: logger)
            group.services.append(.init(service: Named("keys for tokens", keys)))
        }
        group.maximumGracefulShutdownDuration = .seconds(20)
        group.maximumCancellationDuration = .seconds(5)
        try await run(ServiceGroup(configuration: group), of: access, over: store)
        _ = consume lock
    }

    /// Runs all services and closes the store once they have ended, in time or not, and whatever they ended with.
    private func run(_ services: ServiceGroup, of access: AccessControl, over store: SQLiteStore) async throws {
        do {
            try await services.run()
        } catch {
            await access.writeDown()
            try? await store.close()
            throw error
        }
        await access.writeDown()
        try await store.close()
    }

    /// Moves open deadlines along where the wall clock was set while no controller ran.
    private func adopt(_ anchor: ClockAnchor, _ store: SQLiteStore) async throws {
        let shift = try await store.adopt(anchor)
        guard shift != .zero else { return }
        logger.warning(
            "the wall clock was set; open deadlines go with it",
            metadata: ["milliseconds": "\(shift.wholeMilliseconds)"]
        )
    }

    // MARK: Parts

    private func makeStateDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.stateDirectory,
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure("\(settings.stateDirectory): the directory cannot be made")
        }
    }

    private func makeObjects(_ store: SQLiteStore) async throws -> ObjectService {
        let objects = ObjectService(
            store: store,
            directory: try ObjectDirectory(path: settings.stateDirectory + "/objects"),
            limits: settings.objects,
            wallClock: clock.now,
            logger: logger
        )
        try await objects.removeStrays()
        return objects
    }

    private func makeFleet(
        jobs: JobService,
        counters: FleetCounters,
        signal: DeliverySignal,
        signer: JobSigner,
        peers: PeerDirectory,
        enrolment: EnrolmentService,
        objects: ObjectService
    ) throws -> FleetService {
        var configuration = FleetConfiguration()
        configuration.heartbeat = settings.heartbeat
        return try FleetService(
            listeningAt: "tcp://127.0.0.1:0",
            configuration: configuration,
            jobs: jobs,
            counters: counters,
            signal: signal,
            signer: signer,
            identify: { [registry = enrolment.registry] address in
                peers.identity(forLocalPort: Int(address.port)).map { peer in
                    let id = AgentID(peer.agentID)
                    return AgentIdentity(
                        id: id,
                        hostname: peer.hostname,
                        isNameExact: peer.isEnrolled,
                        labels: registry.labels(of: id),
                        address: peer.remoteAddress,
                        certificateExpiresAt: Timestamp(milliseconds: Int64(peer.expiresAt) * 1000)
                    )
                }
            },
            admits: { [registry = enrolment.registry] in !registry.isRevoked($0.id, keyFingerprint: "") },
            certify: { [now = clock.now] agent, request in
                await enrolment.certify(agent, request, now: now())
            },
            objects: objects,
            wallClock: clock.now,
            logger: logger
        )
    }

    private func makeEdge(
        fleet: FleetService,
        counters: FleetCounters,
        peers: PeerDirectory,
        registry: EnrolmentRegistry
    ) throws -> EdgeService {
        guard let port = fleet.port else { throw Failure("nng does not say where it listens") }
        var configuration = EdgeService.Configuration(
            bindPort: settings.agents.port,
            upstreamPort: Int(port),
            files: settings.agentFiles
        )
        configuration.bindHost = settings.agents.host
        configuration.maximumConnections = settings.maximumAgents
        configuration.refusal = { registry.refuses($0) ? .revoked : nil }
        configuration.turnedAway = { if $0 == .revoked { counters.count(.revoked) } }
        return EdgeService(configuration: configuration, directory: peers, logger: logger)
    }

    private func makeHTTP(
        jobs: JobService,
        access: AccessControl,
        endpoints: EndpointsFile,
        enrolment: EnrolmentService,
        webhooks: any WebhookStore,
        objects: ObjectService,
        outputs: any AgentOutputs,
        metrics: [any MetricsSource]
    ) throws -> some Service {
        let api = ControllerAPI(
            configuration: APIConfiguration(version: ControllerProgram.version),
            jobs: jobs,
            access: access,
            enrolment: enrolment,
            webhooks: webhooks,
            objects: objects,
            outputs: outputs,
            metrics: metrics,
            wallClock: clock.now
        )
        return Application(
            router: api.makeRouter(),
            server: try serverBuilder(api),
            configuration: .init(
                address: .hostname(settings.http.host, port: settings.http.port),
                serverName: "broker",
                availableConnectionsDelegate: MaximumAvailableConnections(OpenFilesLimit.httpConnections)
            ),
            onServerRunning: { channel in await endpoints.httpIsBound(to: channel.localAddress?.port) },
            logger: logger
        )
    }

    /// A client that sends nothing for a while is cut off, and so is one whose refused body does not end.
    private func http1(_ api: ControllerAPI) -> HTTP1Channel.Configuration {
        .init(additionalChannelHandlers: api.connectionHandlers(), idleTimeout: .seconds(60))
    }

    private func serverBuilder(_ api: ControllerAPI) throws -> HTTPServerBuilder {
        guard let files = settings.httpFiles else { return .http1(configuration: http1(api)) }
        let configuration = http1(api)
        let contexts = TLSContextCache(files: files, role: .server, logger: logger)
        return HTTPServerBuilder { responder in
            try RenewingTLSChannel(HTTP1Channel(responder: responder, configuration: configuration), contexts: contexts)
        }
    }
}
