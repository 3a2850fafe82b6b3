// SPDX-License-Identifier: Apache-2.0

import Authority
import BrokerClient
import FoundationEssentials
import Jobs
import Link
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Settings
import Signing
import Tunnel

/// Simulated agents of this process.
struct Fleet: Service {
    /// Which agents there are, and where they connect.
    struct Configuration: Sendable {
        var size: Int
        var prefix = "sim-"
        /// The number of the first agent among the addresses of ``Route/plain(_:)``.
        var first = 1
        var behaviour = SimulatedAgent.Behaviour()
    }

    /// The way from the agents to the controller.
    enum Route: Sendable {
        /// Each agent with a certificate of its own, written to `directory`.
        case tunnel(NetworkAddress, authority: CertificateAuthority, directory: String)
        /// Each agent from a loopback address of its own.
        case plain(NetworkAddress)
    }

    let agents: [SimulatedAgent]
    let logger: Logger
    private let announces: Bool

    /// Makes agents; they connect once they run.
    ///
    /// - Parameters:
    ///   - configuration: which agents.
    ///   - route: where they connect.
    ///   - jobKeys: whose signatures they believe.
    ///   - announces: whether a line on standard output says when all are linked.
    /// - Throws: where certificates cannot be made.
    init(_ configuration: Configuration, route: Route, jobKeys: JobKeySet, announces: Bool = false) throws {
        var logger = Logger(label: "broker-bench", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .error
        self.logger = logger
        self.announces = announces
        let threads = MultiThreadedEventLoopGroup.singleton.any()
        let makeTunnel = try Self.tunnels(route, group: threads, logger: logger)
        // A host checks the signature of a job on its own processor; here they would all do it on this one.
        let trust = JobTrust(jobKeys)
        agents = try (1...configuration.size).map { number in
            let hostname = "\(configuration.prefix)\(number)"
            var url = ""
            var id = AgentID("")
            let tunnel = try makeTunnel(hostname)
            switch route {
            case .plain(let address):
                let own = LoopbackAddress.ofAgent(configuration.first + number - 1)
                url = "tcp://\(own);\(address.host):\(address.port)"
                id = AgentID(own)
            case .tunnel(_, _, let directory):
                id = AgentID(try agentID(ofCertificatePEMFile: "\(directory)/\(hostname).pem"))
            }
            return SimulatedAgent(
                hostname: hostname,
                url: url,
                tunnel: tunnel,
                verifier: DeliveryVerifier(
                    agentID: { [id] in id },
                    trust: trust,
                    times: Self.now
                ),
                behaviour: configuration.behaviour,
                logger: logger
            )
        }
    }

    /// The time of this machine, which all agents share.
    @Sendable private static func now() -> ClosedRange<Timestamp> {
        let now = Timestamp.now()
        return now...now
    }

    private static func tunnels(
        _ route: Route,
        group: any EventLoop,
        logger: Logger
    ) throws -> (String) throws -> DialTunnelService? {
        guard case .tunnel(let address, let authority, let directory) = route else { return { _ in nil } }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let authorityFile = directory + "/fleet-ca.pem"
        try Data(authority.certificatePEM.utf8).write(to: URL(filePath: authorityFile))
        return { hostname in
            let files = try authority.issueAgent(hostname: hostname, now: Date()).write(to: directory, name: hostname)
            var configuration = DialTunnelService.Configuration(
                host: address.host,
                port: address.port,
                files: TLSFiles(
                    certificateChain: files.certificate,
                    privateKey: files.privateKey,
                    authorities: authorityFile
                )
            )
            configuration.localAccess = .anyUser
            return DialTunnelService(configuration: configuration, group: group, logger: logger)
        }
    }

    /// Runs all agents until the task is cancelled.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                for agent in agents { group.addTask { try await agent.run() } }
                if announces { group.addTask { try await tell() } }
            }
        }
    }

    /// Runs `body` beside agents, once all are linked and parked.
    static func with<Value: Sendable>(
        _ configuration: Configuration,
        on testbed: Testbed,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await serving(configuration, on: testbed) {
            try await testbed.connected(configuration.size)
            // Connected is who has said hello; the poll follows at once.
            try await Task.sleep(for: .milliseconds(200))
            return try await body()
        }
    }

    /// Runs `body` beside agents of this process or, where those would need too many descriptors, of several.
    static func serving<Value: Sendable>(
        _ configuration: Configuration,
        on testbed: Testbed,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard configuration.size <= FleetProcesses.largestPart else {
            return try await FleetProcesses.with(configuration, on: testbed, body)
        }
        return try await Fleet(configuration, on: testbed).serving(body)
    }

    /// Makes agents for a controller under test.
    private init(_ configuration: Configuration, on testbed: Testbed) throws {
        try OpenFiles.check(agents: configuration.size, link: testbed.link)
        switch testbed.link {
        case .plain: try self.init(configuration, route: .plain(testbed.agents), jobKeys: testbed.jobKeys)
        case .tunnel:
            try self.init(
                configuration,
                route: .tunnel(testbed.agents, authority: testbed.authority, directory: testbed.directory + "/tls"),
                jobKeys: testbed.jobKeys
            )
        }
    }

    /// Runs `body` beside the agents.
    private func serving<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func tell() async throws {
        let start = ContinuousClock.now
        while agents.contains(where: { !$0.isLinked }) {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
        let seconds = Double((ContinuousClock.now - start).wholeMilliseconds) / 1000
        print("linked \(agents.count) agents in \(seconds) s")
        // Whoever started this waits for that line, and a pipe would keep it back.
        flushStandardOutput()
    }
}

extension Testbed {
    /// Waits until the controller says that this many agents are connected.
    func connected(_ count: Int) async throws {
        while true {
            if let page = try? await client.agents(connected: true, limit: 1), page.totalItems ?? 0 >= count { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
