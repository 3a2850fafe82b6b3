// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Debian's `prometheus` has it; CI installs that.
private let promtoolPath = "/usr/bin/promtool"
private let hasPromtool = FileManager.default.isExecutableFile(atPath: promtoolPath)

/// What Prometheus would read of a controller at work, and its own judgement of that.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct MetricsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What promtool says with a file at its standard input.
    private func promtool(_ arguments: [String], input: Data = Data()) async throws -> ChildProcess.Result {
        try await ChildProcess.run(promtoolPath, arguments, input: input)
    }

    private func names(in metrics: String) -> Set<String> {
        Set(metrics.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { "\($0.split(separator: " ")[2])" })
    }

    @Test(.enabled(if: hasPromtool, "promtool is not installed"))
    func `promtool finds nothing wrong with the metrics of a controller at work`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, client, _ in
            let job = try await client.submit(.init(operation: .init(type: "ping"), target: "_all"))
            _ = try await deployment.end(of: job.id, client)
            try await RawAPI.with(deployment) { api in
                let answer = try await api.get(at: "/metrics")
                #expect(answer.status == 200)

                let verdict = try await promtool(["check", "metrics"], input: answer.body)

                #expect(verdict.status == 0 && (verdict.output + verdict.errors).isEmpty, "\(verdict)")
            }
        }
    }

    @Test(.enabled(if: hasPromtool, "promtool is not installed"))
    func `promtool takes the example alerts`() async throws {
        let file = Self.root.appending(path: "deploy/examples/alerts.yml")

        let verdict = try await promtool(["check", "rules", file.path])

        #expect(verdict.status == 0, "\(verdict)")
    }

    @Test func `every metric is documented and no other one, and alerts speak of such alone`() async throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/metrics.md"), encoding: .utf8)
        let alerts = try String(contentsOf: Self.root.appending(path: "deploy/examples/alerts.yml"), encoding: .utf8)
        let documented = Set(
            page.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
                line.split(separator: "|")[0].split(separator: "`").map { "\($0.prefix { $0 != "{" })" }
                    .filter { $0.contains("_") }
            }
        )
        try await Deployment.with { deployment in
            try await RawAPI.with(deployment) { api in
                let names = names(in: String(decoding: try await api.get(at: "/metrics").body, as: UTF8.self))

                #expect(names.subtracting(documented) == [])
                #expect(documented.subtracting(names) == [])
                for word in alerts.matches(of: /(broker|process)_[a-z_]+/).map({ "\($0.output.0)" }) {
                    #expect(names.contains(word) || names.contains { word == $0 + "_bucket" }, "\(word)")
                }
            }
        }
    }

    @Test func `a job is seen in the latencies, the agents in their numbers`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, client, _ in
            let job = try await client.submit(.init(operation: .init(type: "ping"), target: "_all"))
            _ = try await deployment.end(of: job.id, client)
            try await RawAPI.with(deployment) { api in
                let text = String(decoding: try await api.get(at: "/metrics").body, as: UTF8.self)
                let lines = text.split(separator: "\n")

                for line in [
                    "broker_agents 2", "broker_agent_sessions 2", #"broker_jobs{status="completed"} 1"#,
                    #"broker_runs_ended_total{state="completed"} 2"#, #"broker_runs_open{state="started"} 0"#,
                    "broker_dispatch_latency_seconds_count 1",
                    #"broker_http_requests_total{call="submitJob",status_class="2xx"} 1"#,
                    #"broker_agent_refusals_total{reason="malformed"} 0"#,
                ] { #expect(lines.contains { $0 == line }, "\(line)") }
            }
        }
    }
}
