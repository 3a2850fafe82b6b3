// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What of services is taken back where the time of the run is over, and what lasts only until the next start.
@Suite(
    .enabled(if: ScratchHost.systemdObstacle == nil, "\(ScratchHost.systemdObstacle ?? "")"),
    .timeLimit(.minutes(10))
)
struct ServiceUndoTests {
    /// Never says that it has started.
    private static let slow = """
        [Service]
        Type=notify
        ExecStart=/bin/sleep infinity
        TimeoutStartSec=infinity
        [Install]
        WantedBy=multi-user.target

        """
    private static let good = slow.replacing("notify", with: "simple")
    private let states = "systemctl show --property ActiveState --property UnitFileState"

    @Test func `a start that takes too long is taken back`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            try await host.run("service.unit.deploy", ["unit": "slow.service", "content": .string(Self.slow)])
            let data: JSONValue = ["unit": "slow", "now": true, "timeout": 6]
            for setUp in ["true", "systemctl enable slow"] {
                try await host.shell(setUp)
                let before = try await host.shell("\(states) slow")
                let outcome = try await host.run("service.enable", data)
                let after = try await host.shell("\(states) slow")
                #expect(outcome.status == "timed_out" && outcome.changed == false, "\(setUp): \(outcome)")
                #expect(before == after, "\(setUp): \(outcome)")
            }
        }
    }

    @Test func `a start that is yet to begin is told, and taken back`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            let later = "[Unit]\nAfter=slow.service\n" + Self.good
            try await host.run("service.unit.deploy", ["unit": "slow.service", "content": .string(Self.slow)])
            try await host.run("service.unit.deploy", ["unit": "later.service", "content": .string(later)])
            try await host.shell("systemctl start --no-block slow")
            let started = try await host.run("service.start", ["unit": "later", "timeout": 6])
            let job = try await host.shell("\(states) --property Job later")
            #expect(job.contains("ActiveState=inactive") && job.contains("Job="), "\(job)")
            #expect(started.status == "timed_out" && started.changed == true, "\(started)")

            try await host.shell("systemctl stop later")
            let enabled = try await host.run("service.enable", ["unit": "later", "now": true, "timeout": 6])
            let jobs = try await host.shell("\(states) later; systemctl list-jobs --no-legend")
            #expect(enabled.status == "timed_out" && enabled.changed == false, "\(enabled)")
            #expect(jobs.contains("=inactive") && jobs.contains("=disabled") && !jobs.contains("later"), "\(jobs)")
        }
    }

    @Test func `a start that goes on without its run is told`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            try await host.run("service.unit.deploy", ["unit": "slow.service", "content": .string(Self.slow)])
            let outcome = try await host.run("service.start", ["unit": "slow", "timeout": 6])
            let state = try await host.shell("\(states) slow")
            #expect(state.contains("ActiveState=activating"))
            #expect(outcome.status == "timed_out" && outcome.changed == true, "\(outcome)")
        }
    }

    @Test func `links until the next start are taken away`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            let probe = "find /etc/systemd/system /run/systemd/system -printf '%p %l\\n' | sort"
            try await host.run("service.unit.deploy", ["unit": "app.service", "content": .string(Self.good)])
            try await host.shell("systemctl enable --runtime app")
            let disabled = try await host.checkApplied("service.disable", ["unit": "app"], probe: probe)
            #expect(disabled.data["enabled"] == "disabled", "\(disabled)")
            try await host.shell("systemctl enable --runtime app")
            try await host.checkApplied("service.unit.remove", ["unit": "app.service"], probe: probe)
            try await host.shell("! find /run/systemd/system -name app.service | grep app")

            try await host.run("service.unit.deploy", ["unit": "app.service", "content": .string(Self.good)])
            try await host.shell("systemctl enable --runtime app; systemctl enable app")
            try await host.checkApplied("service.disable", ["unit": "app"], probe: probe)
            try await host.shell("systemctl enable --runtime app; systemctl enable app")
            try await host.checkApplied("service.unit.remove", ["unit": "app.service"], probe: probe)
            try await host.shell("! find /run/systemd/system -name app.service | grep app")

            try await host.shell("systemctl mask --runtime fstrim.timer")
            let data: JSONValue = ["unit": "fstrim.timer", "unmask": true]
            let unmasked = try await host.checkApplied("service.enable", data, probe: probe)
            #expect(unmasked.data["enabled"] == "enabled", "\(unmasked)")
        }
    }

    @Test func `a unit file that cannot be removed is enabled and runs as before`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            try await host.run("service.unit.deploy", ["unit": "app.service", "content": .string(Self.good)])
            try await host.run("service.enable", ["unit": "app", "now": true])
            // Fails once to have systemd read its files.
            try await host.shell(
                """
                cat >/usr/local/sbin/systemctl <<'END'
                #!/bin/sh
                case $* in *daemon-reload*) [ -e /run/failed ] || { touch /run/failed; exit 1; } ;; esac
                exec /usr/bin/systemctl "$@"
                END
                chmod 755 /usr/local/sbin/systemctl
                """
            )
            let probe = "\(states) app; cat /etc/systemd/system/app.service; find /etc/systemd/system -name app.service"
            let before = try await host.shell(probe)
            let outcome = try await host.run("service.unit.remove", ["unit": "app.service"])
            let after = try await host.shell(probe)
            #expect(outcome.error?.code == "tool_failed" && outcome.changed == false, "\(outcome)")
            #expect(before == after)
        }
    }
}
