// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// A secret reaches the command that needs it, and is found nowhere else afterwards.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct SecretTests {
    private static let secret = "hunter2-correct-horse-battery-staple"
    private static let digest = "printf %s \"$TOKEN\" | sha256sum | cut -c1-64"

    private func request(_ deployment: Deployment, target: String, failing: Bool = false) -> JobRequest {
        let line = "\(Self.digest) >>'\(deployment.path("digests"))'\(failing ? "; exit 3" : "")"
        return JobRequest(
            operation: OperationRequest(
                type: "command.shell",
                data: ["command": .string(line), "secret_env": ["TOKEN": .string(Self.secret)]]
            ),
            target: target,
            note: "with a secret"
        )
    }

    /// The files below a directory that hold the secret, as it is or in base64.
    private func files(holding secret: String, below directory: URL) throws -> [String] {
        let needles = [Data(secret.utf8), Data(Data(secret.utf8).base64EncodedString().dropLast(4).utf8)]
        let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { file in
            guard let data = try? Data(contentsOf: file) else { return false }
            return needles.contains { data.range(of: $0) != nil }
        }.map(\.path)
    }

    @Test func `a secret is in the environment of its command, and in no file, log or answer afterwards`() async throws
    {
        try await Deployment.with { deployment in
            let debug = ["log.level": "trace"]
            let program = try #require(deployment.controllerProgram)
            program.signal(SIGTERM)
            try await program.ended()
            try await deployment.startController(settings: debug)
            try await deployment.startAgent("web-1", settings: debug)
            let away = try await deployment.startAgent("web-2", settings: debug)
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                away.signal(SIGTERM)
                try await away.ended()

                let job = try await client.submit(request(deployment, target: "web-1,web-2", failing: true))
                try await deployment.lines(1, in: "digests")
                try await deployment.startAgent("web-2", settings: debug)
                let ended = try await deployment.end(of: job.id, client)
                let retry = try await deployment.end(of: try await client.retry(job.id).id, client)

                #expect(ended.agentCounts[.failed] == 2 && retry.agentCounts[.failed] == 2)
                let digests = Set(deployment.text("digests").split(separator: "\n").map(String.init))
                #expect(digests == [Self.expectedDigest], "the command got it on both hosts, each time")
                for record in [ended, retry, try await client.job(job.id)] {
                    #expect(record.operation.data["secret_env"] == ["TOKEN": "***"])
                }
                let shown = try await deployment.broker("jobs", "get", "\(job.id)", "-o", "json")
                #expect(shown.status == 0 && shown.output.contains("***") && !shown.output.contains(Self.secret))
                #expect(try files(holding: Self.secret, below: deployment.directory) == [])
            }
        }
    }

    @Test func `a secret content is in the file that it is for, and nowhere else, also when it is replaced`()
        async throws
    {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let path = deployment.path("key")
            func deploy(_ data: [String: JSONValue]) async throws -> Job {
                let data = data.merging(["path": .string(path), "mode": "0600"]) { $1 }
                let operation = OperationRequest(type: "file.deploy", data: .object(data))
                let job = try await client.submit(JobRequest(operation: operation, target: "web-1"))
                return try await deployment.end(of: job.id, client)
            }

            let first = try await deploy(["secret_content": .string(Self.secret)])
            #expect(first.status == .completed && first.changed == true)
            #expect(deployment.text("key") == Self.secret)
            let again = try await deploy(["secret_content": .string(Self.secret)])
            #expect(again.status == .completed && again.changed == false)
            let template: [String: JSONValue] = [
                "content": "word={{var.word}}\n", "template": true, "secret_variables": ["word": .string(Self.secret)],
            ]
            let filled = try await deploy(template)
            #expect(filled.changed == true && filled.operation.data["secret_variables"] == ["word": "***"])
            #expect(deployment.text("key") == "word=\(Self.secret)\n")
            #expect(try files(holding: Self.secret, below: deployment.directory) == [path])

            let plain = try await deploy(["content": "none\n"])
            #expect(plain.changed == true)
            #expect(try files(holding: Self.secret, below: deployment.directory) == [])
        }
    }

    /// SHA-256 of the secret, by another program.
    private static let expectedDigest = "222522489a53e3f36249fbcb7b59c10e3fa9dbfed91170414b4ea88ace6279bd"

    @Test func `a secret from the environment of the command line gets there`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, _, _ in
            let result = try await deployment.broker(
                "shell",
                "--target",
                "web-1",
                "--secret-env",
                "TOKEN",
                Self.digest,
                with: ["TOKEN": Self.secret]
            )
            let missing = try await deployment.broker("shell", "--target", "web-1", "--secret-env", "TOKEN", "true")

            #expect(result.status == 0 && result.output.contains(Self.expectedDigest))
            #expect(missing.status != 0 && missing.errors.contains("no such variable"))
        }
    }

    @Test func `a host that has another key by then refuses the run`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            let agent = try #require(agents["web-1"])
            agent.signal(SIGTERM)
            try await agent.ended()
            let job = try await client.submit(request(deployment, target: "web-1"))
            try FileManager.default.removeItem(atPath: deployment.path("agents/web-1/sealing-key"))

            try await deployment.startAgent("web-1")
            let ended = try await deployment.end(of: job.id, client)

            #expect(ended.status == .failed)
            #expect(try await client.runs(of: job.id).items.first?.error?.code == "refused_secret")
            #expect(deployment.text("digests").isEmpty)
            #expect(try await client.events(of: job.id, on: "web-1") == [.acknowledged, .failed])
        }
    }

    @Test func `the key of an agent is for its user alone`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, _, _ in
            let attributes = try FileManager.default.attributesOfItem(
                atPath: deployment.path("agents/web-1/sealing-key")
            )
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }
}
