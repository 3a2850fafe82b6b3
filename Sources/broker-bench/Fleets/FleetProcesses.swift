// SPDX-License-Identifier: Apache-2.0

import Settings

/// Simulated agents in several processes: through the tunnel each agent takes four descriptors, and a process may have
/// only so many; and nng looks at all timers of a process whenever one of them is due, as they are while thousands dial anew.
enum FleetProcesses {
    /// How many agents one process takes.
    static let largestPart = 2000

    /// Starts agents, calls `body` at once, and stops them.
    static func with<Value: Sendable>(
        _ configuration: Fleet.Configuration,
        on testbed: Testbed,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let program = try ChildProcess.sibling("broker-bench")
        var started: [ChildProcess] = []
        do {
            for first in stride(from: 0, to: configuration.size, by: largestPart) {
                let arguments = [
                    "fleet", "--controller", "\(testbed.agents.host):\(testbed.agents.port)",
                    testbed.link == .tunnel ? "--tls" : "--plain", "--authority", "\(testbed.directory)/ca",
                    "--agents", "\(min(largestPart, configuration.size - first))", "--first", "\(first + 1)",
                    "--prefix", "\(configuration.prefix)\(first)-",
                ]
                started.append(try ChildProcess(program, arguments, log: "\(testbed.directory)/fleet.log"))
            }
            let value = try await body()
            await ChildProcess.stop(started)
            return value
        } catch {
            await ChildProcess.stop(started)
            throw error
        }
    }
}
