// SPDX-License-Identifier: Apache-2.0

import Authority
import FoundationEssentials
import Jobs
import Logging
import NIOCore
import NIOPosix
import Settings
import Store
import Tunnel

/// What the same work costs by the thinnest code, on the same machine and in the same minute.
struct CeilingMeasurement: Sendable {
    var agents = 1000
    var rounds = 10
    var duration = Duration.seconds(2)

    func measure(directory: String) async throws -> Figures {
        OpenFiles.raiseLimit()
        var figures = Figures("ceiling", [("agents", .int(Int64(agents))), ("rounds", .int(Int64(rounds)))])
        try plain(&figures)
        try await tunnelled(directory, &figures)
        try await sqlite(directory, &figures)
        figures.set("fsync_p50_ms", try MachineFacts.fsync(directory: directory).percentile(0.5))
        return figures
    }

    /// Bare nng over TCP.
    func plain(_ figures: inout Figures) throws {
        let server = try BareNNG.listen()
        let urls = (1...agents).map { "tcp://\(LoopbackAddress.ofAgent($0));127.0.0.1:\(server.port)" }
        try measure(BareNNG(server: server, urls: urls), "nng_plain", &figures)
    }

    private func measure(_ bare: BareNNG, _ name: String, _ figures: inout Figures) throws {
        var answers: [Duration] = []
        var requests: [Duration] = []
        for _ in 0..<rounds {
            let round = try bare.broadcast()
            answers.append(round.lastAnswer)
            requests.append(round.lastRequest)
        }
        figures.set("\(name)_last_answer_p50_ms", Sample(answers).percentile(0.5))
        figures.set("\(name)_round_trip_p50_ms", Sample(requests).percentile(0.5))
        figures.set("\(name)_exchanges_per_second", try bare.exchanges(for: duration))
        try bare.close()
    }

    /// Bare nng behind the real tunnel, both ends of it in this process.
    private func tunnelled(_ directory: String, _ figures: inout Figures) async throws {
        var logger = Logger(label: "broker-bench", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .error
        let base = directory + "/ceiling"
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        let authority = try CertificateAuthority.create(commonName: "broker-bench", now: Date())
        try authority.write(to: base)
        let files = try authority.issueServer(names: ["127.0.0.1"], now: Date()).write(to: base, name: "edge")
        let server = try BareNNG.listen()
        var configuration = EdgeService.Configuration(
            bindPort: 0,
            upstreamPort: Int(server.port),
            files: TLSFiles(
                certificateChain: files.certificate,
                privateKey: files.privateKey,
                authorities: base + "/ca.pem"
            )
        )
        configuration.bindHost = "127.0.0.1"
        let edge = EdgeService(configuration: configuration, directory: PeerDirectory(), logger: logger)
        let agent = try authority.issueAgent(hostname: "bare", now: Date()).write(to: base, name: "bare")
        figures = try await withThrowingTaskGroup(of: Void.self) { [figures] group in
            group.addTask { try await edge.run() }
            defer { group.cancelAll() }
            let port = try await edge.boundAddress().port ?? 0
            var dial = DialTunnelService.Configuration(
                host: "127.0.0.1",
                port: port,
                files: TLSFiles(
                    certificateChain: agent.certificate,
                    privateKey: agent.privateKey,
                    authorities: base + "/ca.pem"
                )
            )
            dial.localAccess = .anyUser
            dial.maximumConnections = agents
            let tunnel = DialTunnelService(configuration: dial, logger: logger)
            group.addTask { try await tunnel.run() }
            let local = try await tunnel.boundPort()
            var figures = figures
            let urls = (1...agents).map { _ in "tcp://127.0.0.1:\(local)" }
            try measure(BareNNG(server: server, urls: urls), "nng_tunnel", &figures)
            return figures
        }
    }

    /// Bare statements in the tables of the store.
    private func sqlite(_ directory: String, _ figures: inout Figures) async throws {
        let path = directory + "/ceiling.sqlite"
        let store = try SQLiteStore(path: path)
        try await store.close()
        let bare = try BareSQLite(path: path, agents: agents)
        figures.set("sqlite_creation_p50_ms", try bare.creation(jobs: rounds).percentile(0.5))
        figures.set(
            "sqlite_results_per_second",
            try bare.results(jobs: rounds, perTransaction: 1000)
        )
        figures.set(
            "sqlite_single_results_per_second",
            try bare.results(jobs: 1, perTransaction: 1)
        )
    }
}
