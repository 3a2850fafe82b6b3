// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import Randomness
import Testing

/// A damaged database is told of, at the start or where it is met, and never shown as a record.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard")
)
struct CorruptionTests {
    /// What came of a start with a damaged file.
    private enum Outcome: String {
        /// One line that says what is wrong, and a code other than 0.
        case refused
        /// It serves, and what was damaged is answered with an error.
        case served
        /// It serves, and shows every record as it was.
        case unharmed
        /// It serves a record that is not as it was.
        case wrong
        /// It went down without a word.
        case crashed
    }

    /// Damages a file, without changing its size.
    private typealias Damage = @Sendable (inout Data, inout SeededGenerator) -> Void

    /// Whole pages, or the heads of them.
    private static let pages: Damage = { bytes, generator in
        let page = Int.random(in: 0..<(bytes.count / 4096), using: &generator) * 4096
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            // The head of a page: what kind it is, and where its cells are.
            for place in page..<(page + 12) { bytes[place] = .random(in: .min ... .max, using: &generator) }
        case 1:
            // A torn or misplaced page.
            let other = Int.random(in: 0..<(bytes.count / 4096), using: &generator) * 4096
            bytes.replaceSubrange(page..<(page + 4096), with: Data(bytes[other..<(other + 4096)]))
        default:
            for place in page..<(page + 4096) { bytes[place] = .random(in: .min ... .max, using: &generator) }
        }
    }

    /// Single bits of single bytes, wherever they are.
    private static let bits: Damage = { bytes, generator in
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            bytes[.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
    }

    /// The records of a controller, as text; an error is noted in their place.
    private static func records(_ deployment: Deployment, _ ids: [String]) async throws -> [String] {
        try await RawAPI.with(deployment) { api in
            var records: [String] = []
            for path in ids.flatMap({ ["jobs/\($0)", "jobs/\($0)/runs", "jobs/\($0)/timeline"] }) {
                do {
                    let answer = try await api.get(path)
                    let text = String(decoding: answer.body, as: UTF8.self)
                    records.append(answer.status == 200 ? text : "error \(answer.status)")
                } catch {
                    records.append("error \(error)")
                }
            }
            return records
        }
    }

    private static func restart(
        _ deployment: Deployment,
        _ ids: [String],
        expecting good: [String]
    ) async throws -> Outcome {
        let log = deployment.directory.appending(path: "controller.log")
        try Data().write(to: log)
        do {
            try await deployment.startController()
        } catch is DeploymentError {
            let text = try String(contentsOf: log, encoding: .utf8)
            return text.split(separator: "\n").contains { $0.hasPrefix("Error:") } ? .refused : .crashed
        }
        let found = try await records(deployment, ids)
        guard deployment.controllerProgram?.isRunning == true else { return .crashed }
        try await deployment.killController()
        if found == good { return .unharmed }
        let wrong = zip(found, good).filter { $0 != $1 && !$0.hasPrefix("error 5") }
        return wrong.isEmpty ? .served : .wrong
    }

    @Test func `a controller with a damaged database does not go down without a word, and shows no wrong record`()
        async throws
    {
        let outcomes = try await outcomes(of: 40, Self.pages) { $0 != .wrong && $0 != .crashed }
        #expect(outcomes.contains(.refused) || outcomes.contains(.served), "nothing was damaged")
    }

    // A bit that is flipped in a text is another text: SQLite keeps no checksums that would tell.
    @Test func `nor does one with a few flipped bits`() async throws {
        let outcomes = try await outcomes(of: 40, Self.bits) { $0 != .crashed }
        #expect(outcomes.contains { $0 != .unharmed }, "nothing was damaged")
    }

    /// Starts a controller with one damaged database after the other.
    private func outcomes(
        of rounds: Int,
        _ damage: Damage,
        allowing isAllowed: (Outcome) -> Bool
    ) async throws -> [Outcome] {
        let seed = FaultsSize.current.seed
        print("BROKER_FAULTS_SEED=\(seed)")
        var generator = SeededGenerator(seed: seed, of: "corruption")
        var outcomes: [Outcome] = []
        try await Deployment.with { deployment in
            let ids = try await Self.fill(deployment)
            let state = deployment.directory.appending(path: "controller")
            let intact = try Data(contentsOf: state.appending(path: "broker.sqlite"))
            try await deployment.startController()
            let good = try await Self.records(deployment, ids)
            try await deployment.killController()

            for round in 0..<rounds {
                for file in ["broker.sqlite-wal", "broker.sqlite-shm"] {
                    try? FileManager.default.removeItem(at: state.appending(path: file))
                }
                var bytes = intact
                damage(&bytes, &generator)
                try bytes.write(to: state.appending(path: "broker.sqlite"))
                let outcome = try await Self.restart(deployment, ids, expecting: good)
                if !isAllowed(outcome) {
                    let log = deployment.directory.appending(path: "controller.log")
                    let text = try String(contentsOf: log, encoding: .utf8)
                    Issue.record("seed \(seed), round \(round): \(outcome)\n\(text.suffix(3000))")
                }
                outcomes.append(outcome)
            }
        }
        print("damaged databases: \(Dictionary(grouping: outcomes) { $0.rawValue }.mapValues(\.count))")
        return outcomes
    }

    /// Has jobs done, and ends all that runs.
    ///
    /// - Returns: the ids of the jobs.
    private static func fill(_ deployment: Deployment) async throws -> [String] {
        let agent = try await deployment.startAgent("web-1")
        var ids: [String] = []
        try await deployment.withClient { client in
            try await deployment.connected(1, client)
            for number in 0..<40 {
                let job = try await client.submitShell("echo \(number) \(String(repeating: "y", count: 500))")
                _ = try await deployment.job(job.id, client) { $0.status.isTerminal }
                ids.append(job.id.description)
            }
        }
        agent.signal(SIGTERM)
        try await agent.ended()
        deployment.controllerProgram?.signal(SIGTERM)
        try await deployment.controllerProgram?.ended()
        return ids
    }

    @Test func `an agent with a damaged ledger does not start, and says so`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let job = try await client.submitShell("true")
                _ = try await deployment.job(job.id, client) { $0.status.isTerminal }
            }
            agent.signal(SIGTERM)
            try await agent.ended()
            let file = deployment.directory.appending(path: "agents/web-1/ledger.sqlite")
            var bytes = try Data(contentsOf: file)
            for place in 4096..<bytes.count { bytes[place] = ~bytes[place] }
            try bytes.write(to: file)

            let second = try await deployment.startAgent("web-1")

            #expect(try await second.ended() == 1)
            let log = try String(contentsOf: deployment.directory.appending(path: "web-1.log"), encoding: .utf8)
            let error = log.split(separator: "\n").last { $0.hasPrefix("Error:") }
            #expect(error?.contains("ledger") == true, "\(log.suffix(500))")
        }
    }
}
