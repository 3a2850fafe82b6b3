// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Randomness
import Synchronization
import Testing

/// Whoever sends garbage, with a certificate or without: the controller stays up, and the others notice nothing.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard")
)
struct FuzzTests {
    /// What is done each round, with the garbage and the intruder.
    private typealias Deed = (inout Garbage, Intruder) async throws -> Void

    /// Does something many times, while jobs run on two agents that must notice nothing.
    private func during(
        _ count: Int,
        _ makeIntruder: (Deployment) async throws -> Intruder,
        _ makeDeed: (Deployment) -> Deed
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
                let deed = makeDeed(deployment)
                for round in 0..<count {
                    try await deed(&garbage, intruder)
                    guard round % 50 == 0 else { continue }
                    let job = try await client.submitShell("true", target: "web-*")
                    let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                    #expect(ended.status == .completed && ended.agentsTotal == 2, "round \(round)")
                }
                #expect(deployment.controllerProgram?.isRunning == true)
                let log = try String(
                    contentsOf: deployment.directory.appending(path: "controller.log"),
                    encoding: .utf8
                )
                for name in ["web-1", "web-2"] {
                    #expect(log.components(separatedBy: "hostname=\(name) [Fleet] agent connected").count == 2)
                }
                #expect(try await client.agents(target: "web-*", connected: true).totalItems == 2)
                let jobs = try await RawAPI.with(deployment) { try await $0.all("jobs", as: JobFact.self) }
                #expect(jobs.count >= count / 50, "a record cannot be shown")
            }
        }
    }

    /// Says garbage, and does not listen.
    private static func say(_ bytes: @escaping (inout Garbage) -> [UInt8]) -> (Deployment) -> Deed {
        { _ in { garbage, intruder in try await intruder.say(bytes(&garbage)) } }
    }

    @Test func `garbage of an agent with a certificate`() async throws {
        try await during(
            600,
            { try Intruder(port: $0.agentsPort, of: $0, as: "fuzz") },
            Self.say { $0.conversation() }
        )
    }

    @Test func `garbage before TLS on the port for agents`() async throws {
        try await during(300, { Intruder(port: $0.agentsPort) }, Self.say { $0.random(upTo: 2000) })
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
            Self.say { $0.conversation() }
        )
    }

    @Test func `garbage on the HTTP port`() async throws {
        try await during(600, { try Intruder(port: $0.httpPort, of: $0) }, Self.say { $0.request() })
        try await during(200, { Intruder(port: $0.httpPort) }, Self.say { $0.random(upTo: 2000) })
    }

    @Test func `odd requests with a key are answered, and never with an error of the controller's own`() async throws {
        let answers = Mutex([String: Int]())
        try await during(1500, { try Intruder(port: $0.httpPort, of: $0) }) { deployment in
            { garbage, intruder in
                let ask = garbage.ask(key: deployment.key)
                let patience: Duration = ask.isWhole ? .seconds(20) : .milliseconds(20)
                let (heard, isClosed) = try await intruder.ask(ask.bytes, stay: patience)
                let text = String(decoding: heard, as: UTF8.self)
                let codes = text.split(separator: "\r\n").filter { $0.hasPrefix("HTTP/1.1 ") }.map {
                    $0.dropFirst(9).prefix(3)
                }
                let sent = String(decoding: ask.bytes.prefix(600), as: UTF8.self)
                #expect(!codes.contains { $0.hasPrefix("5") }, "\(text.prefix(400)) to \(sent)")
                #expect(!ask.isWhole || isClosed, "no end of the answer to \(sent)")
                for code in codes.isEmpty ? ["none"] : codes { answers.withLock { $0[String(code), default: 0] += 1 } }
            }
        }
        let codes = answers.withLock { $0 }
        print("answers: \(codes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
        for code in ["200", "201", "400", "404", "405", "413"] { #expect(codes[code] != nil, "no \(code) at all") }
    }
}
