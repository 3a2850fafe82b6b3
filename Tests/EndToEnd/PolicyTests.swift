// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// The policy of a host, which its controller cannot change.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct PolicyTests {
    /// Writes the policy of a host, which counts for the next run.
    private func write(_ policy: String, _ deployment: Deployment) throws {
        try policy.write(toFile: deployment.path("policy"), atomically: true, encoding: .utf8)
    }

    /// Runs `body` with `web-1`, which has a policy, and `web-2`, which has none.
    private func withPolicy(
        _ policy: String,
        _ body: (Deployment, BrokerClient) async throws -> Void
    ) async throws {
        try await Deployment.with { deployment in
            try write(policy, deployment)
            try await deployment.startAgent("web-1", settings: ["policy": deployment.path("policy")])
            try await deployment.startAgent("web-2")
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                try await body(deployment, client)
            }
        }
    }

    private func run(of job: Job, on hostname: String, _ client: BrokerClient) async throws -> Run {
        try #require(try await client.runs(of: job.id).items.first { $0.hostname == hostname })
    }

    @Test func `what a host's policy forbids does not run there, and the record says which line forbids it`()
        async throws
    {
        try await withPolicy("allow\ndeny operation=command.*\n") { deployment, client in
            let line = "echo $BROKER_HOSTNAME >>'\(deployment.path("trace"))'"

            let job = try await client.submit(shell: line, retry: RetryPolicy(maxAttempts: 3))
            let ended = try await deployment.end(of: job.id, client)

            #expect(ended.status == .partialFailure)
            #expect(deployment.text("trace") == "web-2\n")
            let refused = try await run(of: job, on: "web-1", client)
            #expect(refused.state == .failed && refused.changed == false && refused.attempt == 1)
            #expect(refused.error?.code == "refused_by_policy")
            #expect(refused.error?.message.contains("line 2: deny operation=command.*") == true)
            #expect(try await client.events(of: job.id, on: "web-1") == [.acknowledged, .failed])
            let ping = try await client.ping("web-1")
            #expect(try await deployment.end(of: ping.id, client).status == .completed)
        }
    }

    @Test func `a policy asks who submitted the job, and a change of it counts for the next run`() async throws {
        try await withPolicy("allow submitter=somebody-else\n") { deployment, client in
            let first = try await client.submitShell("true", target: "web-1")
            #expect(try await deployment.end(of: first.id, client).status == .failed)
            let error = try await run(of: first, on: "web-1", client).error
            #expect(error?.message.contains("no line allows command.shell") == true)
            #expect(error?.message.contains("for 'test'") == true, "the name of the key")

            try write("allow submitter=test\n", deployment)

            let second = try await client.submitShell("true", target: "web-1")
            #expect(try await deployment.end(of: second.id, client).status == .completed)
        }
    }

    @Test func `a host that may only be looked at runs nothing that may change it`() async throws {
        try await withPolicy("mode read-only\n") { deployment, client in
            let command = try await client.submitShell("true", target: "web-1")
            let facts = try await client.submit(
                JobRequest(operation: OperationRequest(type: "host.facts"), target: "web-1")
            )

            #expect(try await deployment.end(of: command.id, client).status == .failed)
            #expect(try await deployment.end(of: facts.id, client).status == .completed)
        }
    }

    @Test func `a policy that cannot be understood, or that others can write, allows nothing but ping`() async throws {
        try await withPolicy("alow operation=command.*\n") { deployment, client in
            for mode in [0o644, 0o666] {
                if mode == 0o666 { try write("allow\n", deployment) }
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode],
                    ofItemAtPath: deployment.path("policy")
                )

                let command = try await client.submitShell("true", target: "web-1")
                let ping = try await client.ping("web-1")

                #expect(try await deployment.end(of: command.id, client).status == .failed)
                #expect(try await run(of: command, on: "web-1", client).error?.code == "refused_by_policy")
                #expect(try await deployment.end(of: ping.id, client).status == .completed)
            }
            #expect(deployment.text("web-1.log").contains("only ping may run"))
        }
    }

    @Test func `that a policy cannot be used any more, or again, is told long before facts are collected anew`()
        async throws
    {
        try await withPolicy("allow\n") { deployment, client in
            for (policy, condition) in [("alow\n", "broken"), ("allow\n", "active")] {
                try write(policy, deployment)
                let begin = ContinuousClock.now
                while try await client.agents(target: "policy=\(condition)").items.map(\.hostname).first != "web-1" {
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(ContinuousClock.now - begin < .seconds(120))
            }
        }
    }

    @Test func `an operator can check and try a policy`() async throws {
        try await Deployment.with { deployment in
            func policy(_ arguments: String...) async throws -> Program.Result {
                try await Program.run("broker-agent", ["policy"] + arguments, in: deployment.directory)
            }
            let file = deployment.path("policy")
            try write("allow operation=ping\nallow operation=command.* submitter=ann user=deploy\n", deployment)

            let check = try await policy("check", file)
            let allowed = try await policy(
                "test",
                file,
                "--operation",
                "command.exec",
                "--submitter",
                "ann",
                "--user",
                "deploy"
            )
            let refused = try await policy(
                "test",
                file,
                "--operation",
                "command.exec",
                "--submitter",
                "bob",
                "--user",
                "deploy"
            )
            try write("allow\nallow everything\n", deployment)
            let broken = try await policy("check", file)

            #expect(check.status == 0 && check.output.contains("2 rules"))
            #expect(allowed.status == 0 && allowed.output.contains("line 2"))
            #expect(refused.status == 2 && refused.output.contains("no line allows"))
            #expect(broken.status == 1 && broken.errors.contains("line 2"))
        }
    }
}
