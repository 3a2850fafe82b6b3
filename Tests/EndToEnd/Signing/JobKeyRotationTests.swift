// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Job keys come and go, and no job is lost over it.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct JobKeyRotationTests {
    private func jobKeys(_ arguments: String..., in deployment: Deployment) async throws -> String {
        let result = try await Program.run(
            "broker-controller",
            ["job-keys"] + arguments + ["--state-dir", deployment.path("controller")],
            in: deployment.directory
        )
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// The ids of the keys, the one that signs last.
    private func ids(in deployment: Deployment) async throws -> [String] {
        try await jobKeys("list", in: deployment).split(separator: "\n").dropFirst().map { line in
            String(line.prefix { $0 != " " })
        }
    }

    private func restart(_ deployment: Deployment) async throws {
        let program = try #require(deployment.controllerProgram)
        program.signal(SIGTERM)
        try await program.ended()
        try await deployment.startController()
    }

    @Test func `agents learn a new key from the old one, also one that was away, and drop the old one`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, client, agents in
            let away = try #require(agents["web-2"])
            away.signal(SIGTERM)
            try await away.ended()
            let waiting = try await client.submitShell("echo $BROKER_HOSTNAME >>'\(deployment.path("waiting"))'")
            let old = try #require(try await ids(in: deployment).first)

            _ = try await jobKeys("rotate", in: deployment)
            try await restart(deployment)
            try await deployment.connected(1, client)
            let between = try await client.submitShell("true", target: "web-1")
            #expect(try await deployment.end(of: between.id, client).status == .completed, "the new key signs")

            _ = try await jobKeys("retire", old, in: deployment)
            try await restart(deployment)
            try await deployment.connected(1, client)
            let after = try await client.submitShell("true", target: "web-1")
            #expect(try await deployment.end(of: after.id, client).status == .completed)

            // Who has learned the keys can be found.
            while try await client.agents(target: "job_keys_version>=3").items.map(\.hostname) != ["web-1"] {
                try await Task.sleep(for: .milliseconds(50))
            }

            // It knows the first key only, and its job was submitted under that one.
            try await deployment.startAgent("web-2")
            #expect(try await deployment.end(of: waiting.id, client).status == .completed)
            #expect(Set(deployment.text("waiting").split(separator: "\n")) == ["web-1", "web-2"])
            for host in ["web-1", "web-2"] {
                let learned = deployment.text("agents/\(host)/job-keys").split(separator: "\n")
                #expect(learned.contains("version 3"))
                #expect(!learned.contains { $0.hasPrefix("key \(old)") })
            }
        }
    }

    @Test func `the key that signs is not retired, and what there is not is said so`() async throws {
        try await Deployment.with { deployment in
            let key = try #require(try await ids(in: deployment).last)
            for (id, words) in [(key, "signs jobs"), ("0000000000000000", "there is no job key")] {
                let result = try await Program.run(
                    "broker-controller",
                    ["job-keys", "retire", id, "--state-dir", deployment.path("controller")],
                    in: deployment.directory
                )
                #expect(result.status != 0)
                #expect(result.errors.contains(words), "\(result.errors)")
            }
        }
    }
}
