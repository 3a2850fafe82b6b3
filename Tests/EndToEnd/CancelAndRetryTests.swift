// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Jobs that are ended and repeated, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct CancelAndRetryTests {
    @Test func `a cancel ends the command on every host, and the timeline has a receipt from each`() async throws {
        let hostnames = ["web-1", "web-2", "web-3"]
        try await Deployment.with(agents: hostnames) { deployment, client, _ in
            let pids = deployment.path("pids")
            let job = try await client.submit(shell: "echo $$ >> \(pids); exec sleep 600")
            try await deployment.lines(3, in: "pids")
            _ = try await deployment.job(job.id, client) { $0.agentCounts[.started] == 3 }

            let asked = try await client.cancel(job.id, reason: "wrong hosts")
            #expect(asked.cancel?.reason == "wrong hosts")
            #expect(asked.cancel?.requestedBy == "test")

            let end = try await deployment.end(of: job.id, client)
            #expect(end.status == .cancelled)
            #expect(end.agentCounts[.cancelled] == 3)
            let whole = try await deployment.job(job.id, client) { job in
                job.timeline?.count { $0.event == .cancelDelivered } == 3
            }
            let timeline = try #require(whole.timeline)
            #expect(timeline.filter { $0.event == .cancelRequested }.map(\.message) == ["by test: wrong hosts"])
            for hostname in hostnames {
                let events = timeline.filter { $0.hostname == hostname }.map(\.event)
                #expect(events.prefix(2) == [.acknowledged, .started], "\(hostname)")
                // The receipt and the report go their own ways to the controller.
                #expect(Set(events.dropFirst(2)) == [.cancelDelivered, .cancelled], "\(hostname)")
                #expect(events.count == 4, "\(hostname)")
            }
            for pid in deployment.text("pids").split(separator: "\n") {
                let number = try #require(pid_t(pid))
                #expect(kill(number, 0) != 0, "process \(number) goes on")
            }
        }
    }

    @Test func `a cancel withdraws a job from a host that is away, at once`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            try await agents["web-1"]?.killed()
            try await deployment.connected(0, client)
            let job = try await client.submit(shell: "touch \(deployment.path("ran"))")

            let end = try await client.cancel(job.id)

            #expect(end.status == .cancelled)
            #expect(try await client.events(of: job.id, on: "web-1") == [.cancelled])
            try await deployment.startAgent("web-1")
            let later = try await client.ping("web-1")
            #expect(try await deployment.end(of: later.id, client).status == .completed)
            #expect(!FileManager.default.fileExists(atPath: deployment.path("ran")))
            #expect(try await client.job(job.id).status == .cancelled)
        }
    }

    @Test func `a cancel reaches a host that was away while its command ran on`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let job = try await client.submit(shell: "echo $$ > \(deployment.path("pid")); exec sleep 600")
            try await deployment.lines(1, in: "pid")
            _ = try await deployment.job(job.id, client) { $0.agentCounts[.started] == 1 }
            try await deployment.killController()
            try await deployment.startController()

            _ = try await client.cancel(job.id)

            #expect(try await deployment.end(of: job.id, client).status == .cancelled)
            let pid = try #require(pid_t(deployment.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kill(pid, 0) != 0)
        }
    }

    @Test func `a run that was to be cancelled does not begin again when its agent dies of it`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            let command = "trap '' TERM; echo $$ >> \(deployment.path("trace")); while :; do sleep 0.1; done"
            let job = try await client.submit(shell: command, onInterrupt: .rerun)
            try await deployment.lines(1, in: "trace")
            _ = try await client.cancel(job.id, grace: 600)
            _ = try await deployment.job(job.id, client) { job in
                job.timeline?.contains { $0.event == .cancelDelivered } == true
            }

            try await agents["web-1"]?.killed()
            try await deployment.startAgent("web-1")

            let end = try await deployment.end(of: job.id, client)
            #expect(end.status == .cancelled)
            let pids = deployment.text("trace").split(separator: "\n")
            #expect(pids.count == 1)
            // It may have outlived its agent.
            for pid in pids.compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
        }
    }

    @Test func `a retry runs on the host that failed, and on no other`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, client, _ in
            let (trace, repaired) = (deployment.path("trace"), deployment.path("repaired"))
            let job = try await client.submit(
                shell: "echo $BROKER_HOSTNAME >> \(trace); test $BROKER_HOSTNAME = web-1 || test -e \(repaired)"
            )
            #expect(try await deployment.end(of: job.id, client).status == .partialFailure)
            try deployment.touch("repaired")

            let retry = try await client.retry(job.id)

            #expect(retry.retryOf == job.id)
            let end = try await deployment.end(of: retry.id, client)
            #expect(end.status == .completed)
            #expect(try await client.runs(of: retry.id).items.map(\.hostname) == ["web-2"])
            #expect(deployment.text("trace").split(separator: "\n").sorted() == ["web-1", "web-2", "web-2"])
            #expect(try await client.job(job.id).timeline?.last?.event == .retried)
            #expect(try await client.job(job.id).status == .partialFailure, "the old job stays as it was")
        }
    }

    @Test func `a job that asks for more attempts gets them on its host until one goes well`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let trace = deployment.path("trace")
            let job = try await client.submit(
                shell: "echo ran >> \(trace); test $(wc -l < \(trace)) -ge 3",
                retry: RetryPolicy(maxAttempts: 5, backoff: 0.1)
            )

            let end = try await deployment.end(of: job.id, client)

            #expect(end.status == .completed)
            #expect(deployment.text("trace") == "ran\nran\nran\n")
            let run = try await client.runs(of: job.id).items.first
            #expect(run?.attempt == 3)
            #expect(run?.error == nil)
            let events = try await client.events(of: job.id, on: "web-1")
            #expect(
                events == [.acknowledged, .started, .retrying, .started, .retrying, .started, .completed]
                    || events == [.acknowledged, .started, .retrying, .retrying, .completed]
            )
        }
    }

    @Test func `after the last attempt the run has failed, with the error of that`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let trace = deployment.path("trace")
            let job = try await client.submit(
                shell: "echo ran >> \(trace); exit $(wc -l < \(trace))",
                retry: RetryPolicy(maxAttempts: 2)
            )

            #expect(try await deployment.end(of: job.id, client).status == .failed)

            let run = try await client.runs(of: job.id).items.first
            #expect(run?.attempt == 2)
            #expect(run?.data?["exit_code"] == 2)
            #expect(deployment.text("trace") == "ran\nran\n")
        }
    }

    @Test func `a run that asks for it begins again after its agent was killed`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, agents in
            let (trace, go) = (deployment.path("trace"), deployment.path("go"))
            let job = try await client.submit(
                shell: "echo ran >> \(trace); for i in $(seq 600); do test -e \(go) && exit 0; sleep 0.1; done; exit 9",
                onInterrupt: .rerun
            )
            try await deployment.lines(1, in: "trace")

            try await agents["web-1"]?.killed()
            try await deployment.startAgent("web-1")
            try await deployment.lines(2, in: "trace")
            try deployment.touch("go")

            let end = try await deployment.end(of: job.id, client)
            #expect(end.status == .completed)
            #expect(deployment.text("trace") == "ran\nran\n")
            let run = try await client.runs(of: job.id).items.first
            #expect(run?.attempt == 2)
            let retrying = end.timeline?.first { $0.event == .retrying }
            #expect(retrying?.error?.code == "interrupted")
        }
    }
}
