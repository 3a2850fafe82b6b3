// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs
import Synchronization

/// How many jobs for one agent each get done in a second, with many submitters side by side.
struct SubmitMeasurement: Sendable {
    var jobs = 2000
    var submitters = 64
    /// How many agents the jobs go to in turn; they are called as a fleet calls them.
    var agents = 64
    var prefix = "sim-"

    func measure(_ testbed: Testbed) async throws -> Figures {
        let numbers = Numbers()
        let start = ContinuousClock.now
        // A client keeps eight connections open.
        let clients = try (0..<max(1, submitters / 8)).map { _ in try BrokerClient(testbed.clientConfiguration) }
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for submitter in 0..<submitters {
                    group.addTask { [jobs, agents, prefix] in
                        let client = clients[submitter % clients.count]
                        while let number = numbers.next(below: jobs) {
                            let began = ContinuousClock.now
                            _ = try await testbed.submit(to: "\(prefix)\(number % agents + 1)", by: client)
                            numbers.took(ContinuousClock.now - began)
                        }
                    }
                }
            }
        } catch {
            for client in clients { await client.shutdown() }
            throw error
        }
        let submitted = ContinuousClock.now - start
        try await testbed.openJobs(0, every: .milliseconds(10))
        let ended = ContinuousClock.now - start
        for client in clients { await client.shutdown() }
        var figures = Figures(
            "submit",
            [
                ("jobs", .int(Int64(jobs))), ("submitters", .int(Int64(submitters))), ("agents", .int(Int64(agents))),
                ("link", .string(testbed.link.rawValue)),
            ]
        )
        figures.set("accepted_per_second", Double(jobs) / submitted.inSeconds)
        figures.set("ended_per_second", Double(jobs) / ended.inSeconds)
        figures.set("accepted", Sample(numbers.times))
        return figures
    }
}

/// Gives each number once, to whoever asks, and takes the times.
private final class Numbers: Sendable {
    private let value = Atomic(0)
    private let taken = Mutex([Duration]())

    var times: [Duration] { taken.withLock { $0 } }

    func took(_ time: Duration) { taken.withLock { $0.append(time) } }

    func next(below limit: Int) -> Int? {
        let number = value.add(1, ordering: .relaxed).oldValue
        return number < limit ? number : nil
    }
}
