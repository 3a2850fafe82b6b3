// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Which agents take what, and what runs beside what, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct PlacementTests {
    @Test func `a drain outlives both sides, keeps jobs back, and a resume lets them go`() async throws {
        let settings = ["agents.heartbeat": "200ms"]
        try await Deployment.with(agents: ["web-1", "web-2"], settings: settings) { deployment, client, agents in
            let go = deployment.path("go")
            let running = try await client.submit(shell: "until test -e \(go); do sleep 0.05; done", target: "web-1")
            _ = try await deployment.job(running.id, client) { $0.agentCounts[.started] == 1 }

            let drained = try await deployment.broker("agents", "drain", "web-1", "--reason", "new disk")
            #expect(drained.status == 0, "\(drained.errors)")
            try deployment.touch("go")
            #expect(try await deployment.end(of: running.id, client).status == .completed, "what it holds is finished")

            try await deployment.killController()
            try await deployment.startController(settings: settings)
            agents["web-1"]?.signal(SIGTERM)
            _ = try await agents["web-1"]?.ended()
            try await deployment.startAgent("web-1")
            try await deployment.connected(2, client)
            #expect(try await client.agent("web-1").drain?.reason == "new disk")
            #expect(try await client.agents(drained: true).items.map(\.hostname) == ["web-1"])

            let job = try await client.ping("_all")
            _ = try await deployment.job(job.id, client) { $0.agentCounts[.completed] == 1 }
            // It has polled several times since.
            let later = job.createdAt + .seconds(1)
            try await deployment.agent("web-1", client) { $0.lastSeenAt > later }
            #expect(try await client.runs(of: job.id).items.map(\.state) == [.pending, .completed])
            let any = try await client.ping("_any")
            #expect(try await deployment.end(of: any.id, client).status == .completed)
            #expect(try await client.runs(of: any.id).items.map(\.hostname) == ["web-2"])

            let resumed = try await deployment.broker("agents", "resume", "web-1")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try await deployment.end(of: job.id, client).status == .completed)
        }
    }

    @Test func `a job for any one agent goes to another when the first is killed, and is executed once`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            // Stopped, it stays connected for a while and takes nothing in.
            agents["web-1"]?.signal(SIGSTOP)
            let job = try await client.submit(
                shell: "echo $BROKER_HOSTNAME >> \(deployment.path("trace"))",
                target: "_any"
            )
            try await deployment.startAgent("web-2")
            try await deployment.connected(2, client)
            #expect(try await client.runs(of: job.id).items.map(\.hostname) == ["web-1"])

            try await agents["web-1"]?.killed()

            let end = try await deployment.end(of: job.id, client)
            #expect(end.status == .completed)
            #expect(end.agentsTotal == 1)
            #expect(try await client.runs(of: job.id).items.map(\.hostname) == ["web-2"])
            #expect(end.timeline?.filter { $0.event == .reassigned }.count == 1)
            try await deployment.startAgent("web-1")
            let later = try await client.ping("web-1")
            #expect(try await deployment.end(of: later.id, client).status == .completed)
            #expect(deployment.text("trace") == "web-2\n")
        }
    }

    @Test func `a job for any one agent leaves one that hangs, which does not execute it when it goes on`() async throws
    {
        try await Deployment.with(agents: ["web-1"], settings: ["agents.heartbeat": "200ms"]) {
            deployment,
            client,
            agents in
            agents["web-1"]?.signal(SIGSTOP)
            let job = try await client.submit(
                shell: "echo $BROKER_HOSTNAME >> \(deployment.path("trace"))",
                target: "_any"
            )
            try await deployment.startAgent("web-2")

            // The controller takes a link for dead after 45 s of silence.
            let end = try await deployment.end(of: job.id, client)
            agents["web-1"]?.signal(SIGCONT)

            #expect(end.status == .completed)
            #expect(try await client.runs(of: job.id).items.map(\.hostname) == ["web-2"])
            let later = try await client.submit(shell: "true", target: "web-1")
            #expect(try await deployment.end(of: later.id, client).status == .completed)
            #expect(deployment.text("trace") == "web-2\n")
            #expect(try await client.job(job.id).timelineTotal == end.timelineTotal)
        }
    }

    @Test func `jobs that modify a host run one after another there, others and parallel ones beside them`()
        async throws
    {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let (trace, go) = (deployment.path("trace"), deployment.path("go"))
            let first = try await client.submit(
                shell: "until test -e \(go); do sleep 0.05; done; echo first >> \(trace)"
            )
            _ = try await deployment.job(first.id, client) { $0.agentCounts[.started] == 1 }
            let second = try await client.submit(shell: "echo second >> \(trace)")
            _ = try await deployment.job(second.id, client) { $0.agentCounts[.acknowledged] == 1 }

            let beside = try await deployment.broker("shell", "-t", "_all", "--parallel", "echo beside >> \(trace)")
            #expect(beside.status == 0, "\(beside.errors)")
            let reading = try await client.ping("_all")
            #expect(try await deployment.end(of: reading.id, client).status == .completed)

            #expect(try await client.job(second.id).agentCounts[.acknowledged] == 1)
            #expect(deployment.text("trace") == "beside\n")
            try deployment.touch("go")
            #expect(try await deployment.end(of: second.id, client).status == .completed)
            #expect(deployment.text("trace") == "beside\nfirst\nsecond\n")
        }
    }

    @Test func `a job that waits for its turn on a host is cancelled without having begun`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let go = deployment.path("go")
            let first = try await client.submit(shell: "until test -e \(go); do sleep 0.05; done")
            _ = try await deployment.job(first.id, client) { $0.agentCounts[.started] == 1 }
            let second = try await client.submit(shell: "touch \(deployment.path("ran"))")
            _ = try await deployment.job(second.id, client) { $0.agentCounts[.acknowledged] == 1 }

            _ = try await client.cancel(second.id)

            let end = try await deployment.end(of: second.id, client)
            #expect(end.status == .cancelled)
            #expect(end.changed == false)
            #expect(try await client.job(first.id).agentCounts[.started] == 1, "the other one goes on")
            try deployment.touch("go")
            #expect(try await deployment.end(of: first.id, client).status == .completed)
            #expect(!FileManager.default.fileExists(atPath: deployment.path("ran")))
        }
    }

    @Test func `open jobs are bounded as the setting says, and history is kept as long as the setting says`()
        async throws
    {
        let settings = ["jobs.maximum_open": "1", "history.maximum_jobs": "1"]
        try await Deployment.with(agents: ["web-1"], settings: settings) { deployment, client, _ in
            let go = deployment.path("go")
            let old = try await client.ping("_all")
            #expect(try await deployment.end(of: old.id, client).status == .completed)
            let open = try await client.submit(shell: "until test -e \(go); do sleep 0.05; done")

            let refused = try await deployment.broker("run", "ping", "-t", "_all")
            #expect(refused.status == 5)
            #expect(refused.errors.contains("too_many_open_jobs"))

            while try await client.jobs().totalItems != 1 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await client.jobs().items.map(\.id) == [open.id])
            try deployment.touch("go")
            #expect(try await deployment.end(of: open.id, client).status == .completed)
        }
    }
}
