// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Hosts that are started again, with a real controller and a real agent.
///
/// The agent lives in a namespace of mounts in which the kernel's name for the start of the host is a file of the test, as
/// container managers do it, and in which programs that could turn the machine off only write down what they were asked for.
@Suite(
    .serialized,
    .enabled(if: geteuid() == 0, "needs root, for a namespace of mounts"),
    .timeLimit(.minutes(10))
)
struct RebootTests {
    /// What comes before the command line of the agent.
    private static func namespace(_ directory: String, systemd: Bool) -> [String] {
        let script = """
            set -e
            mount --bind '\(directory)/boot-id' /proc/sys/kernel/random/boot_id
            mount -t tmpfs none /run
            \(systemd ? "mkdir -p /run/systemd/system" : "")
            mount -t tmpfs none /usr/local/sbin
            printf '#!/bin/sh\\necho "$(basename "$0") $*" >>%s/asked\\n' '\(directory)' >/usr/local/sbin/shutdown
            chmod 755 /usr/local/sbin/shutdown
            for name in reboot poweroff halt systemctl systemd-run telinit init; do
                cp /usr/local/sbin/shutdown /usr/local/sbin/$name
            done
            for name in shutdown reboot poweroff halt systemctl; do
                if [ -e /usr/sbin/$name ]; then mount --bind /usr/local/sbin/$name "$(readlink -f /usr/sbin/$name)"; fi
            done
            [ "$(command -v shutdown)" = /usr/local/sbin/shutdown ]
            exec "$@"
            """
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }

    private func start(_ deployment: Deployment, bootID: String, systemd: Bool = true) async throws -> Program {
        try "\(bootID)\n".write(toFile: deployment.path("boot-id"), atomically: false, encoding: .utf8)
        return try await deployment.startAgent(
            "web-1",
            within: Self.namespace(deployment.directory.path, systemd: systemd)
        )
    }

    private func reboot(_ client: BrokerClient, _ more: [String: JSONValue] = [:]) async throws -> Job {
        let data: JSONValue = .object(["wait_for_return": true].merging(more) { $1 })
        return try await client.submit(
            JobRequest(
                operation: OperationRequest(type: "host.reboot", data: data),
                target: "web-1",
                retry: RetryPolicy(maxAttempts: 5),
                onInterrupt: .rerun
            )
        )
    }

    private func goingDown(_ id: JobID, _ client: BrokerClient) async throws {
        _ = try await requiredEvents(id, client) { $0.contains(.goingDown) }
    }

    private func requiredEvents(
        _ id: JobID,
        _ client: BrokerClient,
        _ isReached: ([TimelineEvent.Kind]) -> Bool
    ) async throws -> [TimelineEvent.Kind] {
        while true {
            let events = try await client.events(of: id, on: "web-1")
            if isReached(events) { return events }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `a run goes on until its host is back, and the host goes once`() async throws {
        try await Deployment.with { deployment in
            try await deployment.withClient { client in
                let agent = try await start(deployment, bootID: "boot-one")
                try await deployment.connected(1, client)
                let examples = OperationCatalogue.builtIn["host.reboot"]?.examples
                let example = try #require(examples?.first { $0.data["wait_for_return"] == true })
                let job = try await reboot(client, example.data.object ?? [:])
                try await goingDown(job.id, client)
                try await deployment.lines(1, in: "asked")

                // The agent dies, and comes back before the host has gone.
                try await agent.killed()
                let second = try await start(deployment, bootID: "boot-one")
                let ping = try await client.ping("web-1")
                _ = try await deployment.end(of: ping.id, client)
                #expect(try await client.job(job.id).agentCounts[.started] == 1)

                // The host goes in order, which stops the agent.
                second.signal(SIGTERM)
                #expect(try await second.ended() == 0)
                #expect(try await client.job(job.id).agentCounts[.started] == 1)
                _ = try await start(deployment, bootID: "boot-two")
                let ended = try await deployment.end(of: job.id, client)

                #expect(ended.status == .completed && ended.changed == true)
                let run = try #require(try await client.runs(of: job.id).items.first)
                #expect(run.attempt == 1 && run.changed == true && run.error == nil)
                #expect(run.data?["boot_id_before"] == "boot-one" && run.data?["boot_id"] == "boot-two")
                #expect(run.data?["down_ms"]?.int != nil && run.data?["action"] == "reboot")
                let events = try await client.events(of: job.id, on: "web-1")
                #expect(events == [.acknowledged, .started, .goingDown, .completed])
                let line = try await client.job(job.id).timeline?.first { $0.event == .goingDown }
                #expect(line?.message == "to start again; boot id boot-one")
                #expect(deployment.text("asked") == "shutdown -r -- +1\n")
            }
        }
    }

    @Test(arguments: ["host.reboot", "host.shutdown"])
    func `the record says that a host goes before it does`(_ operation: String) async throws {
        try await Deployment.with { deployment in
            try await deployment.withClient { client in
                _ = try await start(deployment, bootID: "boot-one", systemd: false)
                try await deployment.connected(1, client)
                let request = OperationRequest(type: operation, data: ["delay": 5])
                let job = try await client.submit(JobRequest(operation: request, target: "web-1"))
                let ended = try await deployment.end(of: job.id, client)

                #expect(ended.status == .completed && ended.changed == true)
                #expect(deployment.text("asked").isEmpty)
                try await deployment.lines(1, in: "asked")
            }
        }
    }

    @Test func `an agent whose host starts again may be away for longer than the lease`() async throws {
        try await Deployment.with(settings: ["jobs.lease": "1s"]) { deployment in
            try await deployment.withClient { client in
                let agent = try await start(deployment, bootID: "boot-one")
                let other = try await deployment.startAgent("db-1")
                try await deployment.connected(2, client)
                let job = try await reboot(client)
                let held = try await client.submit(shell: "true", target: "web-1")
                let cut = try await client.submit(shell: "sleep 1000", target: "db-1")
                try await goingDown(job.id, client)
                _ = try await deployment.job(held.id, client) { $0.agentCounts[.acknowledged] == 1 }
                _ = try await deployment.job(cut.id, client) { $0.agentCounts[.started] == 1 }

                try await agent.killed()
                try await other.killed()

                // Both are silent since then, and the lease of the other is over.
                _ = try await deployment.job(cut.id, client) { $0.agentCounts[.lost] == 1 }
                #expect(try await client.job(job.id).agentCounts[.started] == 1)
                #expect(try await client.job(held.id).agentCounts[.acknowledged] == 1)
                _ = try await start(deployment, bootID: "boot-two")
                #expect(try await deployment.end(of: job.id, client).status == .completed)
                #expect(try await deployment.end(of: held.id, client).status == .completed)
            }
        }
    }

    @Test func `a host that does not come back in its time is lost, and its late word is taken`() async throws {
        try await Deployment.with(settings: ["jobs.lease": "1s"]) { deployment in
            try await deployment.withClient { client in
                let agent = try await start(deployment, bootID: "boot-one")
                try await deployment.connected(1, client)
                let job = try await reboot(client, ["delay": 5, "timeout": 6])
                try await goingDown(job.id, client)
                try await agent.killed()

                let lost = try await deployment.end(of: job.id, client)
                #expect(lost.agentCounts[.lost] == 1)
                #expect(lost.error?.message == "the host went down to start again, and is not back in time")

                _ = try await start(deployment, bootID: "boot-two")
                let events = try await requiredEvents(job.id, client) { $0.last == .timedOut }
                #expect(events == [.acknowledged, .started, .goingDown, .lost, .timedOut])
                #expect(try await client.job(job.id).changed == true)
            }
        }
    }

    @Test(arguments: [true, false])
    func `a cancel before the host goes keeps it`(systemd: Bool) async throws {
        try await Deployment.with { deployment in
            try await deployment.withClient { client in
                _ = try await start(deployment, bootID: "boot-one", systemd: systemd)
                try await deployment.connected(1, client)
                let job = try await reboot(client)
                try await goingDown(job.id, client)
                if systemd { try await deployment.lines(1, in: "asked") }

                _ = try await client.cancel(job.id, reason: "wrong host")
                let ended = try await deployment.end(of: job.id, client)

                #expect(ended.status == .cancelled && ended.changed == false)
                let run = try #require(try await client.runs(of: job.id).items.first)
                #expect(run.error?.message == "cancelled by test before the host went down")
                #expect(deployment.text("asked") == (systemd ? "shutdown -r -- +1\nshutdown -c\n" : ""))
                let left = try await ChildProcess.run(
                    "/usr/bin/pgrep",
                    ["-f", "^sh -c .* broker-reboot-"],
                    in: deployment.directory
                )
                #expect(left.output.isEmpty, "what waits to have the host go is gone")
            }
        }
    }
}
