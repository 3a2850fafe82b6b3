// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Testing

/// What the product promises, while everything that can break is broken.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct CampaignTests {
    @Test func `whatever is killed, stopped or cut, the record tells the truth about every job`() async throws {
        let size = FaultsSize.current
        try await Deployment.with(settings: Campaign.settings) { deployment in
            let campaign = try Campaign(size, on: deployment) { _ in try FaultyLink(to: deployment.agentsPort) }
            try await Self.check(campaign)
        }
    }

    @Test(.enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard"))
    func `and so it does where the faults are those of a network, and nobody is told of them`() async throws {
        if let problem = Network.problem { return print("SKIPPED, the campaign in network namespaces: \(problem)") }
        let size = FaultsSize.current.divided(by: 3)
        let network = try Network(hosts: size.agents)
        defer { network.end() }
        print(network.loss.description)
        try await Deployment.with(settings: Campaign.settings, surroundings: network.surroundings) { deployment in
            let campaign = try Campaign(size, on: deployment) { network.link($0, to: deployment) }
            try await Self.check(campaign)
        }
    }

    private static func check(_ campaign: Campaign) async throws {
        let size = campaign.size
        print("BROKER_FAULTS_SEED=\(size.seed)")

        let evidence = try await campaign.run()
        let violations = Checker.violations(in: evidence)

        print(figures(evidence, campaign.journal))
        for violation in violations.prefix(20) {
            Issue.record("seed \(size.seed): \(violation)")
        }
        for marker in Set(violations.compactMap(\.marker)).prefix(5) {
            print(Story(of: marker, evidence, campaign))
        }
        #expect(violations.isEmpty)
        #expect(campaign.journal.kills >= size.kills)
        #expect(evidence.records.contains { $0.job.status == "completed" }, "nothing went well: no campaign")
    }

    private static func figures(_ evidence: Evidence, _ journal: Journal) -> String {
        let runs = evidence.records.flatMap(\.runs)
        let states = tally(runs.map { $0.error?.code ?? $0.status })
        let answers = tally(evidence.submissions.map { "\($0.answer)".prefix { $0 != "(" } })
        let markers = Set(evidence.records.compactMap(\.job.note))
        let silent = evidence.submissions.count { submission in
            guard case .unknown = submission.answer else { return false }
            return markers.contains(submission.marker)
        }
        let late = evidence.records.flatMap(\.timeline).count { $0.message?.contains("told after it") == true }
        return """
            jobs: \(evidence.records.count), of \(evidence.submissions.count) submissions (\(answers)), \(silent) unknown that exist
            runs: \(runs.count) (\(states)), late truths \(late), executions \(evidence.traces.count)
            deeds: \(journal.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
            """
    }

    private static func tally(_ words: [some StringProtocol]) -> String {
        Dictionary(grouping: words.map { String($0) }) { $0 }.sorted { (one, other) in one.key < other.key }
            .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
    }
}
