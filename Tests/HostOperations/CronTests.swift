// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What cron runs.
///
/// The files are what cron reads; one test has the real cron run what is in one of them.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct CronTests {
    private static let probe = "find /etc/cron.d /var/spool/cron -printf '%p %M %u %s %T@\\n' 2>/dev/null | sort"

    /// A host on which cron can be found; it need not run for its files to be written.
    private func withHost(_ body: (ScratchHost) async throws -> Void) async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                "mkdir -p /etc/cron.d; command -v cron || { printf '#!/bin/sh\\n' >/usr/sbin/cron; chmod 755 /usr/sbin/cron; }"
            )
            try await body(host)
        }
    }

    @Test func `an entry is written, changed, listed and removed`() async throws {
        try await withHost { host in
            let data: JSONValue = [
                "name": "report", "schedule": "*/15  6-22 * * mon-fri", "user": "nobody",
                "command": "date +%F >>/tmp/report", "env": ["MAILTO": "ops@example.org", "GREETING": "say \"hello\""],
            ]
            let made = try await host.checkApplied("cron.ensure", data, probe: Self.probe)
            #expect(made.data["diff"]?.string?.contains("+MAILTO=\"ops@example.org\"") == true)
            let text = try await host.shell("stat -c '%a %u' /etc/cron.d/report; cat /etc/cron.d/report")
            #expect(
                text == """
                    644 0
                    # Written by Broker (cron.ensure), which writes it anew when it differs.
                    GREETING='say "hello"'
                    MAILTO="ops@example.org"
                    */15 6-22 * * mon-fri nobody date +\\%F >>/tmp/report

                    """
            )
            let daily: JSONValue = ["name": "report", "schedule": "@daily", "command": "true"]
            try await host.checkApplied("cron.ensure", daily, probe: Self.probe)
            try await host.shell(
                "mkdir -p /var/spool/cron/crontabs; echo '0 1 * * * mine' >/var/spool/cron/crontabs/root; touch /etc/cron.d/a.b"
            )
            let list = try await host.run("cron.list", ["user": "root"])
            let entries = list.data["entries"]?.array ?? []
            #expect(entries.contains { $0["path"] == "/etc/cron.d/report" && $0["schedule"] == "@daily" }, "\(list)")
            #expect(entries.contains { $0["path"] == "/var/spool/cron/crontabs/root" && $0["command"] == "mine" })
            #expect(list.data["ignored"]?.array?.first?.string?.hasPrefix("/etc/cron.d/a.b") == true)
            try await host.checkApplied("cron.absent", ["name": "report"], probe: Self.probe)
        }
    }

    @Test func `what cron would pass over is refused`() async throws {
        try await withHost { host in
            let refused: [(JSONValue, String)] = [
                (["name": "a.b", "schedule": "@daily", "command": "true"], "invalid_parameters"),
                (["name": "../passwd", "schedule": "@daily", "command": "true"], "invalid_parameters"),
                (["name": "a", "schedule": "60 * * * *", "command": "true"], "invalid_parameters"),
                (["name": "a", "schedule": "@daily", "command": "true\n* * * * * root evil"], "invalid_parameters"),
                (["name": "a", "schedule": "@daily", "command": "echo \\%"], "invalid_parameters"),
                (["name": "a", "schedule": "@daily", "command": "true", "env": ["A B": "c"]], "invalid_parameters"),
                (["name": "a", "schedule": "@daily", "command": "true", "user": "nobody-has-it"], "user_not_found"),
            ]
            let before = try await host.shell(Self.probe)
            for (data, code) in refused {
                let outcome = try await host.run("cron.ensure", data)
                #expect(outcome.error?.code == code && outcome.changed == false, "\(data): \(outcome)")
            }
            try await host.shell("ln -s /etc/passwd /etc/cron.d/link")
            let link = try await host.run("cron.ensure", ["name": "link", "schedule": "@daily", "command": "true"])
            #expect(link.error?.code == "is_a_link", "\(link)")
            try await host.shell("rm /etc/cron.d/link")
            #expect(
                try await host.shell(Self.probe).split(separator: "\n").count == before.split(separator: "\n").count
            )
        }
    }

    @Test func `a host without cron is passed over`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("rm -f /usr/sbin/cron /usr/sbin/crond")
            let outcome = try await host.run("cron.ensure", ["name": "a", "schedule": "@daily", "command": "true"])
            #expect(outcome.status == "skipped" && outcome.error?.code == "not_applicable", "\(outcome)")
        }
    }

    @Test func `the real cron runs what was written, with its variables and percent signs`() async throws {
        try await ScratchHost.with { host in
            let install =
                "command -v cron || { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install cron; }"
            guard try await host.program(["sh", "-c", install]).exitCode == 0 else {
                try Test.cancel("cron is not installed, and its package cannot be fetched")
            }
            let data: JSONValue = [
                "name": "at-start", "schedule": "@reboot", "command": "echo \"100% $WHO $(id -un)\" >/tmp/cron-ran",
                "env": ["WHO": "broker's own"], "user": "root",
            ]
            try await host.checkApplied("cron.ensure", data, probe: Self.probe)
            // With -f it stays in the foreground; what is marked @reboot it runs as soon as it starts.
            try await host.shell(
                "rm -f /run/crond.* /var/run/crond.*; start-stop-daemon --start --background --make-pidfile --pidfile /tmp/cron-pid --startas /usr/sbin/cron -- -f"
            )
            let ran = try await host.shell(
                "for i in $(seq 600); do [ -s /tmp/cron-ran ] && break; sleep 0.1; done; cat /tmp/cron-ran"
            )
            try await host.shell("kill $(cat /tmp/cron-pid)")
            #expect(ran == "100% broker's own root\n")
        }
    }
}
