// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Credentials
import Deployments
import Foundation
import Jobs
import Testing

/// How hosts become agents, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct JoinTests {
    @Test func `a host with a join token is an agent at once, with a key that only it has`() async throws {
        try await Deployment.with { deployment in
            let token = try await deployment.joinToken("--label", "env=prod")

            try deployment.startJoining("web-1", token, "--label", "env=mine", "--label", "rack=7")

            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let job = try await client.submitShell("true", target: "env=prod and rack=7")
                let end = try await deployment.job(job.id, client) { $0.status.isTerminal }
                #expect(end.status == .completed)
                // What the token says goes before what the host says.
                #expect(try await client.agent("web-1").labels == ["env": "prod", "rack": "7"])
                #expect(try await client.joinTokens().items.map(\.used) == [1])
            }
            let host = deployment.host("web-1")
            let jobKeys = host.authorities.deletingLastPathComponent().appending(path: "job-keys")
            let own = try String(contentsOf: deployment.directory.appending(path: "ca/job-keys"), encoding: .utf8)
            #expect(try String(contentsOf: jobKeys, encoding: .utf8) == own)
            let mode = try FileManager.default.attributesOfItem(atPath: host.identity.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let key = try AgentKey(pem: SecretFile.read(host.identity.path))
            let fingerprint = try CertificateFacts.first(inFile: host.identity.path).keyFingerprint
            #expect(fingerprint == key.fingerprint)
            try expectNowhere(key.pem, but: host.identity, in: deployment.directory)
            let secret = try #require(JoinToken(token)).secret
            try expectNowhere(secret, but: nil, in: deployment.directory.appending(path: "controller"))
        }
    }

    /// That no file of a deployment holds a secret.
    private func expectNowhere(_ secret: String, but place: URL?, in directory: URL) throws {
        let files = try #require(FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil))
        // A line of it is enough: of a PEM block, one from its middle.
        let lines = secret.split(separator: "\n")
        let needle = Data(lines[lines.count / 2].utf8)
        for case let file as URL in files where file.path != place?.path {
            guard let content = try? Data(contentsOf: file) else { continue }
            #expect(content.range(of: needle) == nil, "\(file.path)")
        }
    }

    @Test func `a token that is used up, over, revoked or nonsense makes nobody an agent`() async throws {
        try await Deployment.with { deployment in
            let once = try await deployment.joinToken()
            #expect(try await deployment.join("web-1", once).status == 0)
            let short = try await deployment.joinToken("--ttl", "1ms")
            let gone = try await deployment.joinToken("--uses", "5")
            try await deployment.withClient { client in
                try await client.revokeJoinToken(try #require(try await client.joinTokens().items.first?.id))
            }
            let real = try #require(JoinToken(once))
            let invented = JoinToken(url: real.url, authority: real.authority, secret: "a guess").text

            for (token, text) in [
                (once, "used up"), (short, "expired"), (gone, "not known, or was revoked"),
                (invented, "not known, or was revoked"), ("broker-join.e30", "the join token is none"),
            ] {
                let result = try await deployment.join("web-2", token)
                #expect(result.status == 1)
                #expect(result.errors.contains(text), "\(result.errors)")
            }
            try await deployment.withClient { client in
                let accepted = try await client.enrolments(state: .accepted).items
                #expect(accepted.map(\.hostname) == ["web-1"])
            }
        }
    }

    @Test func `what a host joins with under relative paths is found from any directory`() async throws {
        try await Deployment.with { deployment in
            let base = deployment.directory.path
            let host = try Program(
                "broker-agent",
                [
                    "join", try await deployment.joinToken(), "--hostname", "web-1", "--config", "here/agent.yaml",
                    "--tls-dir", "./here/tls", "--state-dir", "here/state", "--no-start",
                ],
                within: ["/usr/bin/env", "-C", base],
                log: deployment.directory.appending(path: "web-1.log")
            )
            #expect(try await host.ended() == 0)

            let settings = try String(contentsOfFile: "\(base)/here/agent.yaml", encoding: .utf8)
            for path in ["here/tls/agent.pem", "here/tls/ca.pem", "here/state"] {
                #expect(settings.contains("\"\(base)/\(path)\"\n"), "\(settings)")
            }
        }
    }

    @Test func `names that would confuse targets are refused before anything is sent, wherever they are given`()
        async throws
    {
        try await Deployment.with { deployment in
            let token = try await deployment.joinToken()
            for (hostname, label, word) in [
                ("_all", "env=prod", "'_all'"), ("web-1", "and=x", "'and'"), ("web-1", "a b=x", "'a b'"),
                ("web-1", "env=" + String(repeating: "v", count: 2000), "'env'"),
            ] {
                let refused = try await deployment.join("host", as: hostname, token, "--label", label)
                #expect(refused.status == 1 && refused.errors.contains(word), "\(refused.errors)")
                let directory = deployment.host("host").identity.deletingLastPathComponent()
                #expect(!FileManager.default.fileExists(atPath: directory.path))
            }
            let used = try await deployment.withClient { try await $0.joinTokens().items.map(\.used) }
            let asked = try await deployment.withClient { try await $0.enrolments().totalItems }
            #expect(used == [0] && asked == 0)
            let created = try await deployment.broker("agents", "join-token", "create", "--labels", "not=x")
            #expect(created.status == 2 && created.errors.contains("'not'"), "\(created.errors)")

            let agent = try await deployment.startAgent("web-1", labels: "_any=x")
            #expect(try await agent.ended() == 1)
            try await deployment.said("the label '_any'", in: deployment.directory.appending(path: "web-1.log"))
        }
    }

    @Test func `a host tells its secret to no controller but the one with the right authority`() async throws {
        try await Deployment.with { deployment in
            let real = try #require(JoinToken(try await deployment.joinToken()))
            let other = JoinToken(url: real.url, authority: String(repeating: "0", count: 64), secret: real.secret)

            let result = try await deployment.join("web-1", other.text)

            #expect(result.status == 1)
            #expect(result.errors.contains("is not the right controller"), "\(result.errors)")
            try await deployment.withClient { client in
                let tokens = try await client.joinTokens().items
                #expect(tokens.map(\.used) == [0])
                #expect(try await client.enrolments().totalItems == 0)
            }
        }
    }

    @Test func `a controller that hands over the right authority and is not of it gets no secret`() async throws {
        try await Deployment.with { deployment in
            let base = deployment.directory.path
            // What a man in the middle has: the authority's certificate, which is public, and one of his own.
            for arguments in [
                ["certificates", "init", "--authority", "\(base)/evil"],
                [
                    "certificates", "server", "--authority", "\(base)/evil", "--out", "\(base)/evil", "--name",
                    "127.0.0.1",
                ],
            ] {
                #expect(try await Program.run("broker-controller", arguments, in: deployment.directory).status == 0)
            }
            let token = try await deployment.joinToken()
            try await deployment.killController()
            try await deployment.startController(settings: [
                "http.certificate": "\(base)/evil/controller.pem", "http.key": "\(base)/evil/controller-key.pem",
            ])

            let result = try await deployment.join("web-1", token)

            #expect(result.status == 1)
            #expect(result.errors.contains("not trusted"), "\(result.errors)")
        }
    }

    @Test func `without a token a host waits until it is accepted by its key`() async throws {
        try await Deployment.with { deployment in
            let authority = try CertificateFacts.first(inFile: "\(deployment.directory.path)/ca/ca.pem").fingerprint
            let url = try #require(deployment.environment["BROKER_URL"])
            try deployment.startJoining("web-1", "--url", url, "--fingerprint", authority)
            let log = deployment.host("web-1").log
            try await deployment.said("waits to be accepted", in: log)
            let key = try AgentKey(pem: SecretFile.read(deployment.host("web-1").identity.path)).fingerprint
            try await deployment.withClient { client in
                #expect(try await client.enrolments(state: .pending).items.map(\.fingerprint) == [key])
                #expect(try await client.agents().totalItems == 0)

                let wrong = try await deployment.broker(
                    "agents",
                    "accept",
                    "web-1",
                    "--fingerprint",
                    String(repeating: "0", count: 64)
                )
                #expect(wrong.status == 2 && wrong.errors.contains("nobody was accepted"), "\(wrong.errors)")
                let right = try await deployment.broker("agents", "accept", "web-1", "--fingerprint", "sha256:\(key)")
                #expect(right.status == 0 && right.output.contains(key), "\(right)")

                try await deployment.connected(1, client)
            }
            #expect(try String(contentsOf: log, encoding: .utf8).contains("--fingerprint sha256:\(key)"))
        }
    }

    @Test func `a host that has joined under a longer name does not get by with its first label`() async throws {
        try await Deployment.with { deployment in
            let web = try await deployment.startAgent("web-1")
            try await deployment.withClient { try await deployment.connected(1, $0) }
            // The name is free, so no token is refused for it.
            let joined = try await deployment.join("web-1.evil", try await deployment.joinToken())
            #expect(joined.status == 0, "\(joined.errors)")
            try await web.killed()

            try deployment.startJoined("web-1.evil", settings: ["hostname": "web-1"])

            try await deployment.said("hostname_mismatch", in: deployment.host("web-1.evil").log)
            let connected = try await deployment.withClient { try await $0.agents(connected: true).totalItems }
            #expect(connected == 0)
        }
    }

    @Test func `a host that is rejected gives up, and is refused from then on`() async throws {
        try await Deployment.with { deployment in
            let authority = try CertificateFacts.first(inFile: "\(deployment.directory.path)/ca/ca.pem").fingerprint
            let url = try #require(deployment.environment["BROKER_URL"])
            let host = try deployment.startJoining("web-1", "--url", url, "--fingerprint", authority)
            try await deployment.said("waits to be accepted", in: deployment.host("web-1").log)

            #expect(try await deployment.broker("agents", "reject", "web-1").status == 0)

            #expect(try await host.ended() == 1)
            let again = try await deployment.join("web-1", try await deployment.joinToken())
            #expect(again.status == 1 && again.errors.contains("rejected"), "\(again.errors)")
        }
    }

    @Test func `a second host of a name waits though it has a token; once accepted, the first is cut off`() async throws
    {
        try await Deployment.with { deployment in
            let token = try await deployment.joinToken("--uses", "2")
            try deployment.startJoining("first", as: "web-1", token)
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let first = try await client.agent("web-1").id

                try deployment.startJoining("second", as: "web-1", token)
                try await deployment.said("another agent has its name", in: deployment.host("second").log)
                #expect(try await client.agent("web-1").id == first)
                #expect(try await client.enrolments(state: .pending).items.map(\.conflict) == [true])

                let accepted = try await client.accept("web-1")
                #expect(accepted.id != first)
                while try await client.agents(connected: true).items.map(\.id) != [accepted.id] {
                    try await Task.sleep(for: .milliseconds(50))
                }
                let revoked = try await client.enrolments(state: .replaced).items
                #expect(revoked.map(\.id) == [first])
            }
            try await deployment.said("client refused", in: deployment.directory.appending(path: "controller.log"))
        }
    }
}
