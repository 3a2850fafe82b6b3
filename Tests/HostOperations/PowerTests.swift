// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// A stand-in takes the place of the real `shutdown` in each of these: the machine's own must never be reached.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct PowerTests {
    /// Calls `body` with a host whose programs that could turn it off only write down what they were asked for.
    private func withStandIns(_ body: (ScratchHost) async throws -> Void) async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                """
                printf '#!/bin/sh\\necho "$(basename "$0") $*" >>/tmp/asked\\n' >/usr/local/sbin/shutdown
                chmod 755 /usr/local/sbin/shutdown
                for name in reboot poweroff halt systemctl systemd-run telinit init; do
                    cp /usr/local/sbin/shutdown /usr/local/sbin/$name
                done
                rm -f /usr/sbin/shutdown /sbin/shutdown; cp /usr/local/sbin/shutdown /usr/sbin/shutdown
                """
            )
            let found = try await host.shell("command -v shutdown; readlink -f /sbin/shutdown")
            try #require(found == "/usr/local/sbin/shutdown\n/usr/sbin/shutdown\n")
            try await body(host)
        }
    }

    @Test func `a host is turned off later than the run ends`() async throws {
        try await withStandIns { host in
            let foretold = try await host.run("host.reboot", ["delay": 5], dryRun: true)
            #expect(foretold.changed == true)
            let begin = ContinuousClock.now
            let outcome = try await host.run("host.reboot", ["delay": 5, "message": "-x; 'y'"])
            let early = try await host.program(["cat", "/tmp/asked"])
            let isEarly = ContinuousClock.now - begin < .seconds(5)
            #expect(outcome.status == "completed" && outcome.changed == true, "\(outcome)")
            #expect(outcome.data["at"]?.string.flatMap { Timestamp($0) } != nil)
            #expect(outcome.data["take_back"]?.string?.hasPrefix("pkill -KILL -f '[b]roker-reboot-") == true)
            #expect(early.output.isEmpty || !isEarly)
            let asked = try await host.shell(
                "for i in $(seq 600); do cat /tmp/asked 2>/dev/null && exit; sleep 0.1; done"
            )
            #expect(asked == "shutdown -r -- now -x; 'y'\n")
        }
    }

    @Test func `systemd is told the time`() async throws {
        try await withStandIns { host in
            try await host.shell("mkdir -p /run/systemd/system")
            let halt = try await host.run("host.shutdown", ["delay": 120, "mode": "halt"])
            #expect(halt.data["take_back"] == "shutdown -c")
            let off = try await host.run("host.shutdown", ["delay": 90, "message": "bye"])
            let keeps = off.data["take_back"]?.string ?? ""
            #expect(keeps.hasPrefix("systemctl stop broker-poweroff-") && keeps.hasSuffix(".timer"), "\(keeps)")
            let asked = try await host.shell("sed 's/--unit=broker-poweroff-[0-9]*/UNIT/' /tmp/asked")
            #expect(
                asked == """
                    shutdown -H -- +2
                    systemd-run --quiet --collect UNIT --on-active=90s --timer-property=AccuracySec=1s -- \
                    shutdown -P -- now bye

                    """
            )
        }
    }

    @Test func `a host that is told to stay does`() async throws {
        try await withStandIns { host in
            let outcome = try await host.run("host.reboot", ["delay": 604_800])
            let takeBack = try #require(outcome.data["take_back"]?.string)
            // Each command line holds a text that only the one that waits has as it stands.
            let waits = "pgrep -f '[b]roker-reboot-' || true"
            #expect(try await host.shell(waits).isEmpty == false)
            try await host.shell(takeBack)
            #expect(try await host.shell(waits).isEmpty)
        }
    }

    @Test(.enabled(if: ScratchHost.systemdObstacle == nil, "\(ScratchHost.systemdObstacle ?? "")"))
    func `systemd keeps a host that is told to stay, and says so where there is nothing to keep`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            let timers = "systemctl list-units --all --no-legend --plain 'broker-reboot-*.timer' | wc -l"
            // Of no whole minutes, so it is a timer; and it will not be reached.
            let outcome = try await host.run("host.reboot", ["delay": 604_799])
            let takeBack = try #require(outcome.data["take_back"]?.string)
            #expect(try await host.shell(timers) == "1\n")

            let first = try await host.program(["sh", "-c", takeBack])
            #expect(first.exitCode == 0, "\(first)")
            #expect(try await host.shell(timers) == "0\n")
            #expect(try await host.program(["sh", "-c", takeBack]).exitCode == 5)
        }
    }

    @Test func `what cannot be is refused, and a host without the program passed over`() async throws {
        try await withStandIns { host in
            let early = try await host.run("host.reboot", ["delay": 0])
            let lines = try await host.run("host.shutdown", ["message": "a\nb"])
            #expect(early.error?.code == "invalid_parameters" && lines.error?.code == "invalid_parameters")
            // Nobody would know of it after the return, without an agent.
            let unwatched = try await host.run("host.reboot", ["wait_for_return": true])
            #expect(unwatched.status == "failed" && unwatched.changed == false)
            #expect(unwatched.error?.code == "no_ledger")
            let foretold = try await host.run("host.reboot", ["wait_for_return": true], dryRun: true)
            #expect(foretold.status == "completed" && foretold.changed == true)
            #expect(foretold.data["wait_for_return"] == true)
            try await host.shell("rm /usr/local/sbin/shutdown /usr/sbin/shutdown")
            let outcome = try await host.run("host.reboot")
            #expect(outcome.status == "skipped")
            let asked = try await host.program(["cat", "/tmp/asked"])
            #expect(asked.output.isEmpty)
        }
    }

    @Test func `the examples of the catalogue run as they stand`() async throws {
        try await withStandIns { host in
            // To wait for the return takes an agent: RebootTests of EndToEnd run that one.
            try await host.runExamples(of: "host.reboot") { $0.data["wait_for_return"] == true }
            try await host.runExamples(of: "host.shutdown")
        }
    }
}
