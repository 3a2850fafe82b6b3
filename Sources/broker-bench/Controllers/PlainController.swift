// SPDX-License-Identifier: Apache-2.0

import API
import Fleet
import FoundationEssentials
import Hummingbird
import JobDispatch
import JobKeys
import Jobs
import Logging
import NNG
import ServiceLifecycle
import Store
import UnixSignals

/// The parts of a controller without the tunnel, on loopback only: what a run through the tunnel is compared with.
///
/// There is no TLS to say who an agent is. Each simulated agent dials from a loopback address of its own
/// (``LoopbackAddress``), and that is its identity; so this can be of no use outside of one machine.
struct PlainController {
    let directory: String
    let httpPort: Int
    let agentsPort: Int
    let logger: Logger

    func run() async throws {
        let state = directory + "/state"
        let store = try SQLiteStore(path: state + "/broker.sqlite")
        let agents = AgentDirectory(try await store.agents(), now: .now)
        let signal = DeliverySignal()
        let jobs = JobService(
            store: store,
            directory: agents,
            signal: signal,
            limits: JobLimits(),
            newestJobID: try await store.newestJobID()
        )
        let fleet = try FleetService(
            listeningAt: "tcp://127.0.0.1:\(agentsPort)",
            configuration: FleetConfiguration(),
            jobs: jobs,
            signal: signal,
            signer: try JobKeyDirectory(stateDirectory: state).openOrCreate(),
            identify: { address in
                LoopbackAddress.isOfAgent(address.host) ? AgentIdentity(id: AgentID(address.host), hostname: nil) : nil
            },
            wallClock: Timestamp.now,
            logger: logger
        )
        let deadlines = DeadlineService(
            store: store,
            directory: agents,
            lease: jobs.limits.lease,
            wallClock: Timestamp.now,
            logger: logger
        )
        var limits = AccessControl.Limits()
        limits.requests = nil
        let access = try await AccessControl(store: store, limits: limits, wallClock: Timestamp.now, logger: logger)
        let http = server(jobs, access) { port in
            let content: JSONValue = ["http_port": .int(Int64(port)), "agents_port": .int(Int64(fleet.port ?? 0))]
            try Data(JSON.encode(content)).write(to: URL(filePath: state + "/endpoints.json"), options: .atomic)
        }
        var group = ServiceGroupConfiguration(
            services: [access, deadlines, fleet, http],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // The HTTP server waits for clients to close connections that are idle.
        group.maximumGracefulShutdownDuration = .seconds(2)
        group.maximumCancellationDuration = .seconds(2)
        try await ServiceGroup(configuration: group).run()
        try await store.close()
    }

    private func server(
        _ jobs: JobService,
        _ access: AccessControl,
        tell: @escaping @Sendable (Int) throws -> Void
    ) -> some Service {
        let api = ControllerAPI(
            configuration: APIConfiguration(version: "bench"),
            jobs: jobs,
            access: access,
            wallClock: Timestamp.now
        )
        return Application(
            router: api.makeRouter(),
            server: .http1(configuration: .init(additionalChannelHandlers: api.connectionHandlers())),
            configuration: .init(address: .hostname("127.0.0.1", port: httpPort), serverName: "broker"),
            onServerRunning: { [logger] channel in
                do {
                    try tell(channel.localAddress?.port ?? 0)
                } catch {
                    logger.error("endpoints.json could not be written", metadata: ["error": "\(error)"])
                }
            },
            logger: logger
        )
    }
}
