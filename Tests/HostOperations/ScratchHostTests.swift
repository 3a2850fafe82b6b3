// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct ScratchHostTests {
    @Test func `what is changed on a scratch host is not changed on the machine`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("echo changed >/etc/broker-scratch")
            let there = try await host.shell("cat /etc/broker-scratch")
            #expect(there == "changed\n")
        }
        try await ScratchHost.with { host in
            let answer = try await host.program(["cat", "/etc/broker-scratch"])
            #expect(answer.exitCode == 1)
        }
    }

    @Test func `who enters the mounts of a scratch host is on it, and not on the machine`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("echo changed >/etc/broker-scratch")
            let there = try await host.shell("nsenter --target $$ --mount cat /etc/broker-scratch")
            #expect(there == "changed\n")
        }
    }

    @Test func `the agent runs operations on a scratch host`() async throws {
        try await ScratchHost.with { host in
            let facts = try await host.run("host.facts")
            #expect(facts.status == "completed")
            #expect(facts.data["os"]?["id"] == "debian")
            let echo = try await host.run("command.exec", ["argv": ["echo", "@label.site"]], labels: ["site": "here"])
            #expect(echo.data["stdout"] == "here\n")
            let dry = try await host.run("command.exec", ["argv": ["true"]], dryRun: true)
            #expect(dry.status == "skipped" && dry.error?.code == "no_dry_run")
        }
    }
}
