// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import ServiceLifecycle

/// All simulated agents of a process.
struct Swarm: Service {
    let agents: [SimulatedAgent]
    let logger: Logger

    /// Runs all agents, and says on standard output when each of them is linked to the controller.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                for agent in agents { group.addTask { try await agent.run() } }
                group.addTask { try await tell() }
            }
        }
    }

    private func tell() async throws {
        let start = ContinuousClock.now
        while agents.contains(where: { !$0.isLinked }) {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
        let seconds = Double((ContinuousClock.now - start).wholeMilliseconds) / 1000
        print("linked \(agents.count) agents in \(seconds) s")
        // Whoever started this waits for that line, and a pipe would keep it back.
        flushStandardOutput()
    }
}
