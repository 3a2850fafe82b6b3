// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// A full disk stops the service with a clear error, loses nothing that was acknowledged, and is over when there is room.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard"),
    .enabled(if: SmallDisk.problem == nil, Comment(rawValue: SmallDisk.problem ?? ""))
)
struct DiskTests {
    /// Calls `body` with a deployment in which a directory is a small disk.
    private func withSmallDisk(
        _ name: String,
        kilobytes: Int,
        _ body: (Deployment, SmallDisk) async throws -> Void
    ) async throws {
        var mounted: SmallDisk?
        defer { mounted?.end() }
        try await Deployment.with(prepare: { directory in
            mounted = try SmallDisk(at: directory.appending(path: name), kilobytes: kilobytes)
        }) { deployment in
            let disk = try #require(mounted)
            defer { disk.end() }
            try await body(deployment, disk)
        }
    }

    /// Submits until a submission is refused.
    ///
    /// - Returns: the ids that were answered, and the refusal.
    private func submitUntilRefused(_ client: BrokerClient) async throws -> ([JobID], BrokerClientError) {
        var accepted: [JobID] = []
        while accepted.count < 5000 {
            do {
                accepted.append(try await client.submitShell("true # \(String(repeating: "x", count: 20_000))").id)
            } catch let error as BrokerClientError {
                return (accepted, error)
            }
        }
        throw DeploymentError("the disk does not get full")
    }

    @Test func `a controller without room answers 503, keeps what it answered 201, and goes on when there is room`()
        async throws
    {
        try await withSmallDisk("controller", kilobytes: 8192) { deployment, disk in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let before = try await client.submitShell("true")
                _ = try await deployment.job(before.id, client) { $0.status.isTerminal }

                try disk.fill()
                let (accepted, refusal) = try await submitUntilRefused(client)

                #expect(refusal.problem?.status == 503, "\(refusal)")
                #expect(refusal.problem?.code == "unavailable", "\(refusal)")
                #expect(try await client.job(before.id).status == .completed)
                for id in accepted { #expect(try await client.job(id).id == id) }
                let log = try String(
                    contentsOf: deployment.directory.appending(path: "controller.log"),
                    encoding: .utf8
                )
                #expect(log.contains("full"), "the log does not say why")

                try await deployment.killController()
                try disk.makeRoom()
                try await deployment.startController()
                for id in accepted {
                    #expect(try await deployment.job(id, client) { $0.status.isTerminal }.status == .completed)
                }
                #expect(try await client.jobs(limit: 1).totalItems == accepted.count + 1)
                let after = try await client.submitShell("true")
                #expect(try await deployment.job(after.id, client) { $0.status.isTerminal }.status == .completed)
            }
        }
    }

    @Test func `a controller that was refused room goes on without a restart`() async throws {
        try await withSmallDisk("controller", kilobytes: 8192) { deployment, disk in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                try disk.fill()
                let (accepted, _) = try await submitUntilRefused(client)

                try disk.makeRoom()

                var after: Job?
                for _ in 0..<100 where after == nil {
                    after = try? await client.submitShell("true")
                    if after == nil { try await Task.sleep(for: .milliseconds(100)) }
                }
                let last = try #require(after)
                for id in accepted + [last.id] {
                    #expect(try await deployment.job(id, client) { $0.status.isTerminal }.status == .completed)
                }
                #expect(try await client.jobs(limit: 1).totalItems == accepted.count + 1)
            }
        }
    }

    @Test func `an agent without room acknowledges and runs nothing, and does all of it once when there is room`()
        async throws
    {
        try await withSmallDisk("agents/web-1", kilobytes: 8192) { deployment, disk in
            let trace = deployment.directory.appending(path: "trace")
            var agent = try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                try disk.fill()
                var ids: [JobID] = []
                for number in 0..<60 {
                    let padding = String(repeating: "x", count: 20_000)
                    ids.append(try await client.submitShell("echo \(number) >>'\(trace.path)' # \(padding)").id)
                }
                let log = deployment.directory.appending(path: "web-1.log")
                while try !String(contentsOf: log, encoding: .utf8).contains("disk_full") {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await client.job(try #require(ids.last)).status == .submitted)
                try await agent.killed()
                try disk.makeRoom()
                agent = try await deployment.startAgent("web-1")

                var completed = 0
                for id in ids {
                    let job = try await deployment.job(id, client) { $0.status.isTerminal }
                    let code = try await client.runs(of: id).items.first?.error?.code
                    #expect(job.status == .completed || code == "interrupted", "\(job.status) \(code ?? "")")
                    if job.status == .completed { completed += 1 }
                }

                let lines = try String(contentsOf: trace, encoding: .utf8).split(separator: "\n")
                #expect(Set(lines).count == lines.count, "something ran twice")
                #expect(lines.count >= completed)
                #expect(completed > 40)
            }
        }
    }
}
