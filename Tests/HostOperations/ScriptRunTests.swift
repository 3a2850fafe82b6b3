// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct ScriptRunTests {
    @Test func `what is left of a script whose agent was killed is taken away by the next one`() async throws {
        try await ScratchHost.with { host in
            // The programs may lie below /tmp themselves.
            let before = try await host.shell("ls /tmp").split(separator: "\n")
            let agent = Program.directory.path + "/broker-agent"
            try await host.shell(
                """
                '\(agent)' operation run script.run --data '{"body": "echo here >/tmp/started; sleep 600"}' >/dev/null 2>&1 &
                agent=$!
                until test -s /tmp/started; do sleep 0.1; done
                kill -KILL $agent
                wait $agent || true
                test -f /tmp/broker-script-*/script
                """
            )
            let young = try await host.run("script.run", ["body": "exit 0"])
            #expect(young.status == "completed", "\(young)")
            try await host.shell("test -f /tmp/broker-script-*/script; touch -d '2 minutes ago' /tmp/broker-script-*")

            let next = try await host.run("script.run", ["body": "exit 0"])

            #expect(next.status == "completed", "\(next)")
            let left = try await host.shell("ls /tmp").split(separator: "\n")
            #expect(Set(left) == Set(before + ["started"]))
        }
    }
}
