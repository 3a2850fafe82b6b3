// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Randomness
import Synchronization

/// Jobs flow in while everything that can break is broken; then all heals, and the evidence is gathered.
struct Campaign {
    let size: FaultsSize
    let deployment: Deployment
    let hosts: [Host]
    /// The link through which some clients reach the HTTP API.
    let entrance: FaultyLink
    let journal = Journal()

    /// Short, so that what takes minutes in service takes seconds here.
    static let settings = [
        "jobs.lease": "6s", "agents.heartbeat": "1s", "jobs.default_deadline": "20s", "log.level": "debug",
    ]

    private var traces: URL { deployment.directory.appending(path: "traces") }

    /// Makes a campaign over a running controller.
    ///
    /// - Parameters:
    ///   - size: how large it is.
    ///   - deployment: the controller.
    ///   - makeLink: makes the link of a host, which are counted from 1.
    /// - Throws: what `makeLink` throws.
    init(_ size: FaultsSize, on deployment: Deployment, _ makeLink: (Int) throws -> any Link) throws {
        self.size = size
        self.deployment = deployment
        entrance = try FaultyLink(to: deployment.httpPort)
        hosts = try (1...size.agents).map { Host("web-\($0)", of: deployment, at: try makeLink($0)) }
    }

    /// Runs it.
    ///
    /// - Returns: all that is known afterwards.
    func run() async throws -> Evidence {
        try FileManager.default.createDirectory(at: traces, withIntermediateDirectories: true)
        for host in hosts { try await host.start() }
        try await deployment.withClient { try await deployment.connected(hosts.count, $0) }
        var evidence = Evidence()
        let told = try await disturb()
        evidence.submissions = told.submissions
        evidence.deeds = told.deeds
        for host in hosts { try await host.start() }
        try await settle()
        try await endAgents()
        evidence.ledgers = try readLedgers()
        evidence.traces = try readTraces()
        try await readRecords(into: &evidence)
        for link in hosts.map(\.link) + [entrance] { link.close() }
        return evidence
    }

    // MARK: Faults

    private func disturb() async throws -> Workload.Told {
        let start = ContinuousClock.now
        let (size, journal) = (size, journal)
        let isOver: @Sendable () -> Bool = {
            let passed = ContinuousClock.now - start
            return passed > .seconds(3 * size.seconds)
                || (passed > .seconds(size.seconds) && journal.kills >= size.kills)
        }
        let chaos: @Sendable (String) -> Chaos = { name in
            Chaos(isOver: isOver, journal: journal, generator: SeededGenerator(seed: size.seed, of: name))
        }
        let workload = Workload(
            hostnames: hosts.map(\.name),
            traces: traces,
            pause: size.pause,
            isOver: isOver
        )
        return try await withThrowingTaskGroup(of: Workload.Told.self) { group in
            group.addTask { [deployment] in
                var chaos = chaos("controller")
                try await chaos.beset(deployment, settings: Self.settings)
                return Workload.Told()
            }
            for host in hosts {
                group.addTask {
                    var chaos = chaos("agent \(host.name)")
                    try await chaos.besetAgent(of: host)
                    return Workload.Told()
                }
                group.addTask {
                    var chaos = chaos("link \(host.name)")
                    try await chaos.beset(host.link, of: host.name)
                    return Workload.Told()
                }
            }
            group.addTask { [entrance] in
                var chaos = chaos("entrance")
                try await chaos.beset(entrance, of: "entrance")
                return Workload.Told()
            }
            group.addTask { [deployment, hosts] in
                var chaos = chaos("drains")
                try await chaos.drain(hosts.map(\.name), of: deployment)
                return Workload.Told()
            }
            for number in 1...size.clients {
                group.addTask { [deployment, entrance] in
                    let port = number == 1 ? entrance.port : deployment.httpPort
                    return try await deployment.withClient(timeout: .seconds(4), through: port) { client in
                        try await workload.run(SeededGenerator(seed: size.seed, of: "client \(number)"), client)
                    }
                }
            }
            return try await group.reduce(into: Workload.Told()) { all, told in
                all.submissions += told.submissions
                all.deeds += told.deeds
            }
        }
    }

    // MARK: Healing

    /// Waits until all agents are back, all jobs at their end, and nothing moves any more.
    private func settle() async throws {
        let end = ContinuousClock.now + .seconds(240)
        try await deployment.withClient { client in
            var calm = 0
            var last: JSONValue?
            while calm < 8 {
                guard ContinuousClock.now < end else { throw DeploymentError("not at rest: \(last ?? .null)") }
                let status = try await client.status()
                let isEnded = ["submitted", "processing"].allSatisfy { status["jobs"]?[$0] == 0 }
                let isWhole = status["agents"]?["connected"]?.int == Int64(hosts.count)
                calm = isEnded && isWhole && last == status ? calm + 1 : 0
                last = status
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func endAgents() async throws {
        for host in hosts { host.agent?.signal(SIGTERM) }
        for host in hosts { try await host.agent?.ended() }
        try await deployment.withClient { try await deployment.connected(0, $0) }
    }
}

// MARK: Gathering

extension Campaign {
    private func readTraces() throws -> [Evidence.Trace] {
        var found: [Evidence.Trace] = []
        for host in hosts {
            let file = traces.appending(path: host.name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 4, words[1] == host.name, let attempt = Int(words[3]) else {
                    throw DeploymentError("a line of \(host.name): \(line)")
                }
                found.append(
                    Evidence.Trace(marker: words[0], hostname: words[1], jobID: words[2], attempt: attempt)
                )
            }
        }
        return try found + readLateTraces()
    }

    /// What was written some seconds after the beginning, by processes that could have been ended before.
    private func readLateTraces() throws -> [Evidence.Trace] {
        let file = traces.appending(path: "late")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 5, let attempt = Int(words[3]), let time = Int64(words[4]) else {
                throw DeploymentError("a late line: \(line)")
            }
            return Evidence.Trace(
                marker: words[0],
                hostname: words[1],
                jobID: words[2],
                attempt: attempt,
                lateTime: time
            )
        }
    }

    private func readLedgers() throws -> [String: [LedgerFact]] {
        try hosts.reduce(into: [:]) { ledgers, host in
            let file = deployment.directory.appending(path: "agents/\(host.name)/ledger.sqlite")
            ledgers[host.name] = try LedgerFact.read(file)
        }
    }

    private func readRecords(into evidence: inout Evidence) async throws {
        try await RawAPI.with(deployment) { api in
            for job in try await api.all("jobs", as: JobFact.self) {
                evidence.records.append(
                    Evidence.Record(
                        job: try await api.record("jobs/\(job.id)"),
                        runs: try await api.all("jobs/\(job.id)/runs"),
                        timeline: try await api.all("jobs/\(job.id)/timeline")
                    )
                )
            }
            evidence.agents = try await api.all("agents")
            evidence.status = try await api.record("status")
        }
    }
}
