// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs

/// How many results a second get on the controller's disk, when all agents report at once.
///
/// Every agent has a run of each of some jobs, and all runs end at the same moment: when the gate opens.
struct IngestMeasurement: Sendable {
    var agents = 1000
    var jobs = 20
    var rounds = 1

    func measure(_ testbed: Testbed) async throws -> Figures {
        let gate = GateClock()
        var behaviour = SimulatedAgent.Behaviour()
        behaviour.gate = gate
        return try await Fleet.with(.init(size: agents, behaviour: behaviour), on: testbed) {
            try await measure(testbed, gate)
        }
    }

    private func measure(_ testbed: Testbed, _ gate: GateClock) async throws -> Figures {
        var delivering: [Duration] = []
        var reporting: [Duration] = []
        for _ in 0..<rounds {
            gate.shut()
            let start = ContinuousClock.now
            for _ in 0..<jobs { _ = try await testbed.submit(to: "_all") }
            try await begun(testbed)
            delivering.append(ContinuousClock.now - start)
            let opened = ContinuousClock.now
            gate.open()
            try await testbed.openJobs(0, every: .milliseconds(10))
            reporting.append(ContinuousClock.now - opened)
        }
        let results = Double(agents * jobs)
        var figures = Figures(
            "ingest",
            [
                ("agents", .int(Int64(agents))), ("jobs", .int(Int64(jobs))), ("rounds", .int(Int64(rounds))),
                ("link", .string(testbed.link.rawValue)),
            ]
        )
        figures.set("results_per_second", results * 1000 / Sample(reporting).percentile(0.5))
        figures.set("reporting", Sample(reporting))
        figures.set("delivered_and_started_per_second", results * 1000 / Sample(delivering).percentile(0.5))
        return figures
    }

    /// Waits until every run of the newest jobs has been started.
    private func begun(_ testbed: Testbed) async throws {
        while true {
            let newest = try await testbed.client.jobs(limit: jobs).items
            if newest.allSatisfy({ $0.agentCounts[.started] == agents }) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
