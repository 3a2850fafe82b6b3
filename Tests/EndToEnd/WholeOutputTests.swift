// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Output beyond the limit of a run, fetched from the agent by real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct WholeOutputTests {
    @Test func `all of a long output is fetched from its host, while the agent is there and has it`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            let lines = (1...400_000).map { "\($0)\n" }.joined()
            let submitted = try await client.submit(shell: "seq 1 400000; seq 1 9 >&2")
            let job = try await deployment.end(of: submitted.id, client)
            let id = "\(job.id)"

            let ends = try await deployment.broker("jobs", "output", id, "web-1")
            #expect(ends.status == 0 && ends.output.contains("bytes left out") && ends.errors.contains("shortened"))
            let whole = try await deployment.broker("jobs", "output", id, "web-1", "--full")
            #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.errors)")
            #expect(whole.output == lines, "\(whole.output.utf8.count) of \(lines.utf8.count) bytes")
            let errors = try await deployment.broker("jobs", "output", id, "web-1", "--full", "--stderr")
            #expect(errors.output == (1...9).map { "\($0)\n" }.joined())

            // Another start of the agent has it all the same.
            let agent = try #require(agents["web-1"])
            agent.signal(SIGTERM)
            _ = try await agent.ended()
            try await deployment.agent("web-1", client) { !$0.connected }
            let away = try await deployment.broker("jobs", "output", id, "web-1", "--full")
            #expect(away.status != 0 && away.output.isEmpty && away.errors.contains("not connected"), "\(away.errors)")
            try await deployment.startAgent("web-1")
            try await deployment.agent("web-1", client, when: \.connected)
            let again = try await deployment.broker("jobs", "output", id, "web-1", "--full")
            #expect(again.output == lines, "\(again.errors)")

            let kept = deployment.path("agents/web-1/output")
            for name in try FileManager.default.contentsOfDirectory(atPath: kept) {
                try FileManager.default.removeItem(atPath: "\(kept)/\(name)")
            }
            let gone = try await deployment.broker("jobs", "output", id, "web-1", "--full")
            #expect(gone.status != 0 && gone.errors.contains("no more"), "\(gone.errors)")
        }
    }

    @Test func `of a script as well all is fetched`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let script = OperationRequest(type: "script.run", data: ["body": "seq 1 50000; seq 1 9 >&2"])
            let submitted = try await client.submit(JobRequest(operation: script, target: "_all"))
            let job = try await deployment.end(of: submitted.id, client)

            let whole = try await deployment.broker("jobs", "output", "\(job.id)", "web-1", "--full")

            #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.errors)")
            #expect(whole.output == (1...50_000).map { "\($0)\n" }.joined())
        }
    }
}
