// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import Testing

/// What an operator types, against real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct CommandTests {
    @Test func `the command line submits, waits, shows, and ends with a code that says how it went`() async throws {
        try await Deployment.with { deployment in
            for hostname in ["web-1", "web-2"] { try await deployment.startAgent(hostname) }
            try await deployment.withClient { try await deployment.connected(2, $0) }

            let well = try await deployment.broker("exec", "--target", "env=test", "--", "echo", "hello there")
            #expect(well.status == 0, "\(well.errors)")
            #expect(well.output.contains("web-1") && well.output.contains("web-2"))
            #expect(well.output.contains("hello there"))

            let some = try await deployment.broker("shell", "--target", "_all", "test $BROKER_HOSTNAME = web-1")
            #expect(some.status == 3, "\(some.errors)")
            let all = try await deployment.broker("shell", "--target", "web-*", "exit 5")
            #expect(all.status == 4, "\(all.errors)")
            let refused = try await deployment.broker("exec", "--target", "nobody", "--", "true")
            #expect(refused.status == 5)
            #expect(refused.errors.contains("nobody"))
            let unreachable = try await deployment.broker(
                "jobs",
                "list",
                with: ["BROKER_URL": "https://127.0.0.1:1"]
            )
            #expect(unreachable.status == 6)
            let untold = try await deployment.broker("exec", "--", "true")
            #expect(untold.status == 2)
            #expect(untold.errors.contains("--target"))
        }
    }

    @Test func `the trace of who submits a job is in its record and in the environment of its commands`()
        async throws
    {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            let command = ["shell", "-t", "web-1", "-o", "json", "echo \"<$TRACEPARENT>\""]
            func run(_ environment: [String: String]) async throws -> JSONValue {
                let result = try await Program.run(
                    "broker",
                    command,
                    environment: deployment.environment.merging(environment) { $1 },
                    in: deployment.directory
                )
                #expect(result.status == 0, "\(result)")
                return try JSON.decode(JSONValue.self, from: Array(result.output.utf8))
            }

            let job = try await run(["TRACEPARENT": "\(trace)"])
            #expect(job["runs"]?.array?.first?["data"]?["stdout"]?.string == "<\(trace)>\n")
            #expect(job["trace_id"]?.string == trace.traceID && job["traceparent"]?.string == "\(trace)")
            let none = try await run(["TRACEPARENT": "nonsense"])
            #expect(none["runs"]?.array?.first?["data"]?["stdout"] == "<>\n")
            #expect(none["trace_id"] == .null)
        }
    }

    @Test func `jobs can be listed by status and shown in every format`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { try await deployment.connected(1, $0) }
            _ = try await deployment.broker("run", "ping", "--target", "_all")
            _ = try await deployment.broker("shell", "--target", "_all", "exit 1")

            let failed = try await deployment.broker("jobs", "list", "--status", "failed")
            #expect(failed.status == 0, "\(failed.errors)")
            #expect(failed.output.contains("command.shell") && !failed.output.contains("ping"))

            let json = try await deployment.broker("jobs", "list", "-o", "json")
            let page = try JSON.decode(JSONValue.self, from: Array(json.output.utf8))
            #expect(page.array?.count == 2)
            let lines = try await deployment.broker("jobs", "list", "-o", "ndjson")
            #expect(lines.output.split(separator: "\n").count == 2)
            let csv = try await deployment.broker("jobs", "list", "-o", "csv")
            #expect(csv.output.split(whereSeparator: \.isNewline).count == 3)
            let agents = try await deployment.broker("agents", "list")
            #expect(agents.output.contains("web-1"))
            let agent = try await deployment.broker("agents", "get", "web-1", "-o", "json")
            let record = try JSON.decode(JSONValue.self, from: Array(agent.output.utf8))
            #expect(record["labels"]?["env"] == "test")
            #expect(record["facts"]?["cpus"] != nil)
            #expect(record["connected"] == true)
        }
    }
}
