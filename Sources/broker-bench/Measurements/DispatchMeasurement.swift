// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs

/// How long jobs take, one after the other: until the first agent holds its run, the last one does, and all is told.
struct DispatchMeasurement: Sendable {
    var target = "_all"
    var operation = "ping"
    var rounds = 20
    /// Between rounds, for the polls to be parked again.
    var pause = Duration.milliseconds(50)

    func measure(_ testbed: Testbed) async throws -> Figures {
        var accepted: [Duration] = []
        var seen: [Duration] = []
        var firstHeld: [Duration] = []
        var lastHeld: [Duration] = []
        var ended: [Duration] = []
        var agents = 0
        // The first job compiles statements and fills caches.
        for round in 0...rounds {
            let start = ContinuousClock.now
            let submitted = try await testbed.submit(operation, to: target)
            let answered = ContinuousClock.now - start
            agents = submitted.agentsTotal
            let job = try await testbed.ended(submitted.id, every: .milliseconds(agents <= 10 ? 2 : 10))
            let client = ContinuousClock.now - start
            guard job.status == .completed, let end = job.completedAt else {
                throw BenchError("job \(job.id) is \(job.status.rawValue)")
            }
            let held = try await acknowledgements(of: job, testbed)
            try await Task.sleep(for: pause)
            guard round > 0 else { continue }
            accepted.append(answered)
            seen.append(client)
            ended.append(end - job.createdAt)
            if let first = held.min(), let last = held.max() {
                firstHeld.append(first)
                lastHeld.append(last)
            }
        }
        var figures = Figures(
            "dispatch",
            [
                ("agents", .int(Int64(agents))), ("rounds", .int(Int64(rounds))), ("operation", .string(operation)),
                ("link", .string(testbed.link.rawValue)),
            ]
        )
        figures.set("accepted", Sample(accepted))
        figures.set("first_acknowledged", Sample(firstHeld))
        figures.set("last_acknowledged", Sample(lastHeld))
        figures.set("ended", Sample(ended))
        figures.set("ended_seen_by_client", Sample(seen))
        return figures
    }

    private func acknowledgements(of job: Job, _ testbed: Testbed) async throws -> [Duration] {
        var times: [Duration] = []
        var offset = 0
        while offset < job.agentsTotal {
            let page = try await testbed.client.runs(of: job.id, limit: 1000, from: .offset(offset))
            guard !page.items.isEmpty else { break }
            times += page.items.compactMap { run in run.acknowledgedAt.map { $0 - job.createdAt } }
            offset += page.items.count
        }
        return times
    }
}
