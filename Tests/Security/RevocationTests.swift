// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Agents that are none any more, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RevocationTests {
    @Test func `a revoked agent is cut off at once and stays out, also of a controller that was restarted`()
        async throws
    {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-2")
            let token = try await deployment.joinToken("--uses", "3")
            try deployment.startJoining("web-1", token)
            let log = deployment.directory.appending(path: "controller.log")
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                let job = try await client.submitShell("exec sleep 1000", target: "web-1")
                _ = try await deployment.job(job.id, client) { $0.agentCounts[.started] == 1 }

                #expect(try await deployment.broker("agents", "revoke", "web-1").status == 0)

                // It is out of the listing, no target selects it, and its run is given up.
                let problem = await #expect(throws: BrokerClientError.self) { try await client.agent("web-1") }
                #expect(problem?.problem?.status == 404)
                let end = try await deployment.job(job.id, client) { $0.status.isTerminal }
                #expect(end.agentCounts[.lost] == 1)
                try await deployment.said("it is revoked", in: log)
                try await deployment.connected(1, client)
            }

            try await deployment.killController()
            try FileManager.default.removeItem(at: log)
            try await deployment.startController()

            try await deployment.said("it is revoked", in: log)
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                #expect(try await client.agents().items.map(\.hostname) == ["web-2"])
                // The key is refused as well, with whatever token; a new one is a new agent.
                let host = deployment.host("web-1")
                let text = try String(contentsOf: host.identity, encoding: .utf8)
                let key = try #require(text.firstRange(of: "-----END PRIVATE KEY-----\n")?.upperBound)
                let thief = deployment.host("thief")
                try FileManager.default.createDirectory(
                    at: thief.identity.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data(text[..<key].utf8).write(to: thief.identity)
                let refused = try await deployment.join("thief", as: "web-1", token)
                #expect(refused.status == 1 && refused.errors.contains("revoked"), "\(refused.errors)")
                let fresh = try await deployment.join("fresh", as: "web-1", token)
                #expect(fresh.status == 0, "\(fresh.errors)")
            }
        }
    }

    @Test func `a revoked agent says so once, asks seldom, is counted, and is one again when its host joins anew`()
        async throws
    {
        try await Deployment.with { deployment in
            let token = try await deployment.joinToken("--uses", "2")
            let agent = try deployment.startJoining("web-1", token)
            let host = deployment.host("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                try await client.revokeAgent("web-1")

                try await deployment.said("the controller refuses this host's certificate", in: host.log)
                // With pauses of 2, 4 and 8 seconds, shortened at most by a half; it used to be 17.
                try await Task.sleep(for: .seconds(10))
                let refused = try await client.status()["refusals"]?["revoked"]?.int ?? 0
                #expect((1...5).contains(refused), "\(refused)")
                let log = try String(contentsOf: host.log, encoding: .utf8)
                #expect(log.components(separatedBy: "refuses this host's certificate").count == 2)
                #expect(log.contains("it is revoked") && log.contains("broker-agent join"))

                // The process that was cut off goes on with what its host joins with.
                try FileManager.default.removeItem(at: host.identity)
                let joined = try await deployment.join("web-1", token)
                #expect(joined.status == 0, "\(joined.errors)")
                try await deployment.connected(1, client)
                #expect(agent.isRunning)
                let job = try await client.submitShell("true", target: "web-1")
                let end = try await deployment.job(job.id, client) { $0.status.isTerminal }
                #expect(end.status == .completed)
            }
        }
    }

    @Test func `an agent whose certificate the controller did not issue can be revoked too`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)

                try await client.revokeAgent("web-1")

                try await deployment.connected(0, client)
                try await deployment.said("it is revoked", in: deployment.directory.appending(path: "controller.log"))
                #expect(try await client.agents().totalItems == 0)
            }
        }
    }
}
