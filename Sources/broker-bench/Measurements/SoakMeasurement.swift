// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a steady load does to the controller's memory.
struct SoakMeasurement: Sendable {
    var duration = Duration.seconds(600)
    /// Broadcasts a second.
    var rate = 5.0

    func measure(_ testbed: Testbed, agents: Int) async throws -> Figures {
        var figures = Figures(
            "soak",
            [
                ("agents", .int(Int64(agents))), ("seconds", .double(duration.inSeconds)), ("rate", .double(rate)),
                ("link", .string(testbed.link.rawValue)),
            ]
        )
        // As much as goes, until the caches of the database and of the allocator are full.
        let warmUp = min(duration / 2, .seconds(10))
        var jobs = try await load(testbed, for: warmUp, rate: nil)
        let start = ProcessMemory(of: testbed.pid)
        let warm = jobs
        jobs += try await load(testbed, for: duration - warmUp, rate: rate)
        let end = ProcessMemory(of: testbed.pid)
        try await testbed.openJobs(0)
        figures.set("jobs", Double(jobs))
        figures.set("results_per_second", Double((jobs - warm) * agents) / (duration - warmUp).inSeconds)
        if let start, let end {
            figures.set("resident_at_start_mib", start.resident)
            figures.set("resident_at_end_mib", end.resident)
            figures.set("anonymous_at_start_mib", start.anonymous)
            figures.set("anonymous_at_end_mib", end.anonymous)
            figures.set("anonymous_growth_mib", end.anonymous - start.anonymous)
        }
        return figures
    }

    private func load(_ testbed: Testbed, for duration: Duration, rate: Double?) async throws -> Int {
        let start = ContinuousClock.now
        var jobs = 0
        while ContinuousClock.now - start < duration {
            _ = try await testbed.submit(to: "_all")
            jobs += 1
            // With more open than that, the load is above what the controller does, and only the queue would be measured.
            try await testbed.openJobs(50)
            if let rate { try await Task.sleep(until: start + .seconds(Double(jobs) / rate), clock: .continuous) }
        }
        return jobs
    }
}
