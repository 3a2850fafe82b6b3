// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import Testing

/// What becomes of a run's processes when the agent ends.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct AgentEndTests {
    /// A run of a program and of a daemon that has left its session; answers their numbers when both are there.
    private func begin(in deployment: borrowing Deployment) async throws -> [Int32] {
        let file = deployment.directory.path + "/pids"
        let daemon = "echo \\$\\$ >> \(file); exec sleep 1000"
        let line = "echo $$ >> \(file); (setsid sh -c \"\(daemon)\" > /dev/null 2>&1 &); exec sleep 1000"
        try await deployment.withClient { client in
            try await deployment.connected(1, client)
            _ = try await client.submitShell(line)
        }
        while true {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            let pids = text.split(separator: "\n").compactMap { Int32($0) }
            if pids.count == 2 { return pids }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Whether a process is there and no zombie.
    private func isAlive(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !stat.contains(") Z") && !stat.contains(") X")
    }

    @Test func `an agent that is killed takes along all that its runs have started`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            let pids = try await begin(in: deployment)
            #expect(pids.allSatisfy(isAlive))

            try await agent.killed()

            while pids.contains(where: isAlive) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test func `an agent that is to leave its runs is survived by them`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1", settings: ["runs.on_shutdown": "leave"])
            let pids = try await begin(in: deployment)
            defer { for pid in pids { kill(pid, SIGKILL) } }

            agent.signal(SIGTERM)

            #expect(try await agent.ended() == 0)
            #expect(pids.allSatisfy(isAlive))
        }
    }
}
