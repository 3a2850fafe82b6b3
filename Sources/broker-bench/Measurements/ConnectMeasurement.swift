// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How long it takes until all agents are connected, from nothing and after the controller was restarted.
struct ConnectMeasurement: Sendable {
    var agents = 1000

    func measure(_ testbed: Testbed) async throws -> Figures {
        let before = ProcessMemory(of: testbed.pid)
        var figures = Figures("connect", [("agents", .int(Int64(agents))), ("link", .string(testbed.link.rawValue))])
        let start = ContinuousClock.now
        let (cold, warm, memory) = try await Fleet.serving(.init(size: agents), on: testbed) {
            try await testbed.connected(agents)
            let cold = ContinuousClock.now - start
            try await reached(testbed)
            let memory = ProcessMemory(of: testbed.pid)
            guard let controller = testbed.own else { return (cold, nil as [Duration]?, memory) }
            let stopping = ContinuousClock.now
            await controller.stop()
            let stopped = ContinuousClock.now
            try await controller.start()
            let ready = ContinuousClock.now
            try await testbed.connected(agents)
            let connected = ContinuousClock.now
            try await reached(testbed)
            return (cold, [stopped - stopping, ready - stopped, connected - ready, .now - ready], memory)
        }
        figures.set("cold_s", cold.inSeconds)
        if let warm {
            figures.set("stop_s", warm[0].inSeconds)
            figures.set("start_s", warm[1].inSeconds)
            figures.set("reconnect_s", warm[2].inSeconds)
            figures.set("reconnect_and_answer_s", warm[3].inSeconds)
        }
        if let before, let memory {
            figures.set("controller_without_agents_mib", before.resident)
            figures.set("controller_with_agents_mib", memory.resident)
            figures.set("controller_kib_per_agent", (memory.resident - before.resident) * 1024 / Double(agents))
        }
        return figures
    }

    /// A job that every agent takes and tells of shows that all have been polled.
    private func reached(_ testbed: Testbed) async throws {
        let job = try await testbed.submit(to: "_all")
        guard job.agentsTotal >= agents else { throw BenchError("only \(job.agentsTotal) agents take jobs") }
        _ = try await testbed.ended(job.id, every: .milliseconds(20))
    }
}
