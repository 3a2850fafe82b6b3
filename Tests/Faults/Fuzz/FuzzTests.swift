// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Whoever sends garbage, with a certificate or without: the controller stays up, and the others notice nothing.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard")
)
struct FuzzTests {
    /// Calls `intrude` many times, while jobs run on two agents that must notice nothing.
    private func during(
        _ count: Int,
        _ makeIntruder: (Deployment) async throws -> Intruder,
        _ bytes: @Sendable (inout Garbage) -> [UInt8]
    ) async throws {
        let seed = FaultsSize.current.seed
        print("BROKER_FAULTS_SEED=\(seed)")
        var garbage = Garbage(generator: SeededGenerator(seed: seed, of: "fuzz"))
        try await Deployment.with { deployment in
            for hostname in ["web-1", "web-2"] { try await deployment.startAgent(hostname) }
            try await deployment.issueCertificate(for: "fuzz")
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                let intruder = try await makeIntruder(deployment)
                for round in 0..<count {
                    try await intruder.say(bytes(&garbage))
                    guard round % 50 == 0 else { continue }
                    let job = try await client.submitShell("true", target: "web-*")
                    let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                    #expect(ended.status == .completed && ended.counts.total == 2, "round \(round)")
                }
                #expect(deployment.controllerProgram?.isRunning == true)
                let log = try String(
                    contentsOf: deployment.directory.appending(path: "controller.log"),
                    encoding: .utf8
                )
                for name in ["web-1", "web-2"] {
                    #expect(log.components(separatedBy: "hostname=\(name) [Fleet] agent connected").count == 2)
                }
                #expect(try await client.agents(target: "web-*", connected: true).total == 2)
            }
        }
    }

    @Test func `garbage of an agent with a certificate`() async throws {
        try await during(
            600,
            { try Intruder(port: $0.agentsPort, of: $0, as: "fuzz") },
            { $0.conversation() }
        )
    }

    @Test func `garbage before TLS on the port for agents`() async throws {
        try await during(300, { Intruder(port: $0.agentsPort) }, { $0.random(upTo: 2000) })
    }

    @Test func `garbage on the loopback port behind the tunnel`() async throws {
        try await during(
            600,
            { deployment in
                let pid = try #require(deployment.controllerProgram?.pid)
                let known: Set = [deployment.httpPort, deployment.agentsPort]
                let behind = try ListeningPorts.of(pid: pid).subtracting(known)
                return Intruder(port: try #require(behind.first))
            },
            { $0.conversation() }
        )
    }

    @Test func `garbage on the HTTP port`() async throws {
        try await during(600, { try Intruder(port: $0.httpPort, of: $0) }, { $0.request() })
        try await during(200, { Intruder(port: $0.httpPort) }, { $0.random(upTo: 2000) })
    }
}
