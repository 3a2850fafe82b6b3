// SPDX-License-Identifier: Apache-2.0

import Authority
import FoundationEssentials
import Settings

/// Real agents, each a process of its own.
enum AgentProcesses {
    /// Starts agents, calls `body` with their numbers once all are connected, and stops them.
    static func with<Value: Sendable>(
        _ count: Int,
        on testbed: Testbed,
        _ body: ([Int32]) async throws -> Value
    ) async throws -> Value {
        let program = try ChildProcess.sibling("broker-agent")
        var started: [ChildProcess] = []
        do {
            for number in 1...count { started.append(try start(program, number, testbed)) }
            try await testbed.connected(count)
            try await Task.sleep(for: .milliseconds(500))
            let value = try await body(started.map(\.pid))
            await ChildProcess.stop(started)
            return value
        } catch {
            await ChildProcess.stop(started)
            throw error
        }
    }

    private static func start(_ program: String, _ number: Int, _ testbed: Testbed) throws -> ChildProcess {
        let base = testbed.directory
        let hostname = "real-\(number)"
        let files = try testbed.authority.issueAgent(hostname: hostname, now: Date())
            .write(to: base + "/tls", name: hostname)
        let settings = [
            "controller=\(testbed.agents.host):\(testbed.agents.port)", "tls.certificate=\(files.certificate)",
            "tls.key=\(files.privateKey)", "tls.authority=\(base)/ca/ca.pem", "hostname=\(hostname)",
            "state_dir=\(base)/agents/\(hostname)", "log.level=warning",
        ]
        return try ChildProcess(program, settings.flatMap { ["--set", $0] }, log: "\(base)/agents.log")
    }
}
