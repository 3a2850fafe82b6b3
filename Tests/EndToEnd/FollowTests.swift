// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// What runs write, seen while they write it, by real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct FollowTests {
    @Test(arguments: ["command.shell": "command", "script.run": "body"])
    func `what a run writes is seen before it ends, and all of it by its end`(
        type: String,
        parameter: String
    ) async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let go = deployment.path("go")
            let line = "echo begun; echo odd >&2; while ! test -e \(go); do sleep 0.05; done; seq 1 1000"
            let operation = OperationRequest(type: type, data: .object([parameter: .string(line)]))
            let job = try await client.submit(JobRequest(operation: operation, target: "_all"))
            var seen: [RunOutput.Stream: [UInt8]] = [:]
            var end: RunState?
            for try await event in try await client.followOutput(of: job.id, on: "web-1") {
                switch event {
                case .output(let stream, let bytes, let attempt):
                    #expect(attempt == 1)
                    seen[stream, default: []] += bytes
                case .gap(let stream, let bytes, _): Issue.record("\(bytes) bytes of \(stream) left out")
                case .end(let state, _): end = state
                }
                // Only after both were seen is the run let go on: so it has not ended.
                if end == nil, seen[.stdout] == Array("begun\n".utf8), seen[.stderr] != nil {
                    try deployment.touch("go")
                }
            }

            #expect(end == .completed)
            #expect(seen[.stdout] == Array(("begun\n" + (1...1000).map { "\($0)\n" }.joined()).utf8))
            #expect(seen[.stderr] == Array("odd\n".utf8))
        }
    }

    @Test func `the command line shows lines with their hosts while the job runs`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, _, _ in
            let line = "echo out $BROKER_HOSTNAME; echo err $BROKER_HOSTNAME >&2; sleep 1; printf last"

            let result = try await deployment.broker("shell", "-t", "_all", "--follow", line)

            #expect(result.status == 0, "\(result.errors)")
            for host in ["web-1", "web-2"] {
                let out = result.output.split(separator: "\n").filter { $0.hasPrefix("\(host): ") }
                #expect(out == ["\(host): out \(host)", "\(host): last"])
                #expect(result.errors.contains("\(host): err \(host)\n"))
            }
            #expect(!result.output.contains("---"), "what was seen is not shown again")
            let refused = try await deployment.broker("shell", "-t", "_all", "--follow", "--no-wait", "true")
            #expect(refused.status == 2)
        }
    }
}
