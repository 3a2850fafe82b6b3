// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// Services, with a real systemd that is the first process of a scratch host.
@Suite(
    .enabled(if: ScratchHost.systemdObstacle == nil, "\(ScratchHost.systemdObstacle ?? "")"),
    .timeLimit(.minutes(10))
)
struct ServiceTests {
    private static let good = """
        [Unit]
        Description=For a test
        [Service]
        ExecStart=/bin/sleep infinity
        ExecReload=/bin/touch /run/reloaded
        [Install]
        WantedBy=multi-user.target

        """
    private static let failing = """
        [Service]
        Type=oneshot
        ExecStart=/bin/sh -c 'echo it cannot work; exit 3'
        [Install]
        WantedBy=multi-user.target

        """
    /// Writes how the units are, and the files that they are made of.
    private static let probe = """
        systemctl show --property Id,ActiveState,UnitFileState,MainPID app.service bad.service
        find /etc/systemd/system -printf '%p %s %l %T@\\n' | sort; ls /tmp
        """

    @Test func `a unit is deployed, enabled, started, reloaded, restarted, stopped and removed`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            let deploy: JSONValue = ["unit": "app.service", "content": .string(Self.good)]
            let deployed = try await host.checkApplied("service.unit.deploy", deploy, probe: Self.probe)
            #expect(deployed.data["path"] == "/etc/systemd/system/app.service")
            try await host.checkApplied("service.enable", ["unit": "app", "now": true], probe: Self.probe)
            let get = try await host.run("service.get", ["unit": "app"])
            #expect(get.data["active_state"] == "active" && get.data["enabled"] == "enabled", "\(get)")
            try await host.checkApplied("service.start", ["unit": "app"], isChange: false)

            let dry = try await host.run("service.restart", ["unit": "app"], dryRun: true)
            #expect(dry.changed == true)
            let same = try await host.run("service.get", ["unit": "app"])
            #expect(same.data["main_pid"] == get.data["main_pid"])
            let restarted = try await host.run("service.restart", ["unit": "app"])
            #expect(restarted.changed == true && restarted.data["main_pid"] != get.data["main_pid"], "\(restarted)")
            let reloaded = try await host.run("service.reload", ["unit": "app"])
            #expect(reloaded.changed == true)
            try await host.shell("test -e /run/reloaded")

            let list = try await host.run("service.list", ["pattern": "app.*"])
            #expect(list.data["units"]?.array?.first?["sub_state"] == "running", "\(list)")
            try await host.checkApplied("service.stop", ["unit": "app"], probe: Self.probe)
            try await host.checkApplied("service.start", ["unit": "app"], probe: Self.probe)
            try await host.checkApplied(
                "service.disable",
                ["unit": "app", "now": true, "mask": false],
                probe: Self.probe
            )
            try await host.checkApplied("service.enable", ["unit": "app", "now": true], probe: Self.probe)
            let removed = try await host.checkApplied(
                "service.unit.remove",
                ["unit": "app.service"],
                probe: "systemctl show --property ActiveState app.service; find /etc/systemd/system | sort"
            )
            #expect(removed.data["changes"]?.array?.count == 3, "\(removed)")
            let gone = try await host.run("service.get", ["unit": "app"])
            #expect(gone.data["load_state"] == "not-found")
        }
    }

    @Test func `a unit that does not start is told with its log, and what was done for it is taken back`() async throws
    {
        try await ScratchHost.with(systemd: true) { host in
            let deploy: JSONValue = ["unit": "bad.service", "content": .string(Self.failing)]
            try await host.run("service.unit.deploy", deploy)
            let started = try await host.run("service.start", ["unit": "bad"])
            #expect(started.error?.code == "start_failed" && started.changed == false, "\(started)")
            #expect(started.error?.message.contains("it cannot work") == true, "\(started)")
            let enabled = try await host.run("service.enable", ["unit": "bad", "now": true])
            #expect(enabled.status == "failed" && enabled.changed == false, "\(enabled)")
            let state = try await host.shell("systemctl is-enabled bad || true")
            #expect(state == "disabled\n")
        }
    }

    @Test func `a unit file that systemd refuses never takes the place of a good one`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            try await host.run("service.unit.deploy", ["unit": "app.service", "content": .string(Self.good)])
            for content in ["[Service]\nExec=1\n", Self.good.replacing("/bin/sleep", with: "/no/such/program")] {
                let data: JSONValue = ["unit": "app.service", "content": .string(content)]
                for isDry in [true, false] {
                    let outcome = try await host.run("service.unit.deploy", data, dryRun: isDry)
                    #expect(outcome.error?.code == "validation_failed" && outcome.changed == false, "\(outcome)")
                }
            }
            // Without the checker systemd itself says so, when the file is there; it is put back then.
            let data: JSONValue = ["unit": "app.service", "content": "[Service]\nExec=1\n", "verify": false]
            let outcome = try await host.run("service.unit.deploy", data)
            #expect(outcome.error?.code == "unit_bad" && outcome.changed == false, "\(outcome)")
            let text = try await host.shell(
                "cat /etc/systemd/system/app.service; systemctl show -p LoadState app.service"
            )
            #expect(text == Self.good + "LoadState=loaded\n")
        }
    }

    @Test func `what is masked, missing or not to be enabled is refused with a reason`() async throws {
        try await ScratchHost.with(systemd: true) { host in
            try await host.run("service.unit.deploy", ["unit": "app.service", "content": .string(Self.good)])
            let reload = Self.good.replacing("ExecReload=/bin/touch /run/reloaded\n", with: "")
            try await host.run("service.unit.deploy", ["unit": "plain.service", "content": .string(reload)])
            try await host.run("service.start", ["unit": "plain"])
            let refused: [(String, JSONValue, String)] = [
                ("service.start", ["unit": "nothing"], "unit_not_found"),
                ("service.stop", ["unit": "nothing"], "unit_not_found"),
                ("service.enable", ["unit": "nothing"], "unit_not_found"),
                ("service.start", ["unit": "systemd-sysctl"], "unit_masked"),
                ("service.enable", ["unit": "systemd-sysctl"], "unit_masked"),
                ("service.enable", ["unit": "systemd-journald"], "cannot_enable"),
                ("service.disable", ["unit": "app", "mask": true], "cannot_mask"),
                ("service.reload", ["unit": "app"], "unit_inactive"),
                ("service.reload", ["unit": "plain"], "cannot_reload"),
                ("service.start", ["unit": "--all"], "invalid_parameters"),
                ("service.unit.deploy", ["unit": "app", "content": "x"], "invalid_parameters"),
                ("service.unit.deploy", ["unit": "../app.service", "content": "x"], "invalid_parameters"),
            ]
            for (type, data, code) in refused {
                let outcome = try await host.run(type, data)
                #expect(outcome.error?.code == code && outcome.changed == false, "\(type) \(data): \(outcome)")
            }
            let restarted = try await host.run("service.reload", ["unit": "plain", "or_restart": true])
            #expect(restarted.changed == true)
            try await host.checkApplied("service.restart", ["unit": "app", "only_if_active": true], isChange: false)
            try await host.checkApplied("service.disable", ["unit": "fstrim.timer", "mask": true], probe: Self.probe)
            try await host.checkApplied("service.enable", ["unit": "fstrim.timer", "unmask": true], probe: Self.probe)
        }
    }
}

/// Services where systemd does not run, as in an image that is being made.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct OfflineServiceTests {
    @Test func `units can be deployed, enabled and masked, but not started`() async throws {
        try await ScratchHost.with { host in
            guard
                try await host.program(["sh", "-c", "command -v systemctl && test ! -d /run/systemd/system"]).exitCode
                    == 0
            else { try Test.cancel("systemd runs here, or is not installed") }
            let probe = "find /etc/systemd/system -printf '%p %s %l\\n' | sort"
            let content = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
            let deploy: JSONValue = ["unit": "app.service", "content": .string(content)]
            try await host.checkApplied("service.unit.deploy", deploy, probe: probe)
            try await host.checkApplied("service.enable", ["unit": "app"], probe: probe)
            try await host.shell("test -L /etc/systemd/system/multi-user.target.wants/app.service")
            try await host.checkApplied("service.disable", ["unit": "app"], probe: probe)
            for (type, data) in [
                ("service.start", ["unit": "app"]), ("service.list", [:]),
                ("service.enable", ["unit": "app", "now": true]),
            ] as [(String, JSONValue)] {
                let outcome = try await host.run(type, data)
                #expect(outcome.status == "skipped" && outcome.error?.code == "not_applicable", "\(type): \(outcome)")
            }
            try await host.checkApplied("service.unit.remove", ["unit": "app.service"], probe: probe)
        }
    }
}
