// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct HostTests {
    private let names = "hostname; cat /etc/hostname /etc/hosts"
    private let zones = "readlink /etc/localtime; cat /etc/timezone"

    @Test func `a host gets a name, in the kernel and in its files`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost\\n' >/etc/hosts")
            try await host.checkApplied("host.hostname.set", ["name": "web1.example.com"], probe: names)
            let result = try await host.shell(names)
            #expect(
                result == """
                    web1.example.com
                    web1.example.com
                    127.0.0.1\tlocalhost
                    127.0.1.1\tweb1.example.com web1
                    ::1\tlocalhost

                    """
            )
            let told = try await host.run("host.hostname.get")
            #expect(told.data == ["hostname": "web1.example.com", "static": "web1.example.com"])
            try await host.checkApplied("host.hostname.set", ["name": "db2"], probe: names)
            let hosts = try await host.shell("grep 127.0.1.1 /etc/hosts")
            #expect(hosts == "127.0.1.1\tdb2\n")
        }
    }

    @Test(arguments: ["", "-x", "a..b", "a_b", "a b", "x/../y", "a.", String(repeating: "a", count: 65)])
    func `no other text is taken for a name`(name: String) async throws {
        try await ScratchHost.with { host in
            let outcome = try await host.run("host.hostname.set", ["name": .string(name)])
            #expect(outcome.error?.code == "invalid_parameters" && outcome.changed == false, "\(outcome)")
        }
    }

    @Test func `a name that the host does not take leaves the files as they were`() async throws {
        try await ScratchHost.with { host in
            // Where systemd runs its daemon is asked.
            try await host.shell(
                """
                mkdir -p /run/systemd/system
                printf '#!/bin/sh\\necho no daemon >&2; exit 1\\n' >/usr/local/sbin/hostnamectl
                chmod 755 /usr/local/sbin/hostnamectl
                """
            )
            let before = try await host.shell(names)
            let outcome = try await host.run("host.hostname.set", ["name": "web1"])
            let after = try await host.shell(names)
            #expect(outcome.status == "failed" && outcome.changed == false, "\(outcome)")
            #expect(outcome.error?.message.contains("no daemon") == true)
            #expect(before == after)
        }
    }

    @Test func `a host gets a time zone`() async throws {
        try await ScratchHost.with { host in
            try await host.checkApplied("host.timezone.set", ["timezone": "Europe/Berlin"], probe: zones)
            let result = try await host.shell(zones + "; date -d @1795249800 +%H:%M")
            #expect(result == "/usr/share/zoneinfo/Europe/Berlin\nEurope/Berlin\n09:30\n")
            let told = try await host.run("host.timezone.get")
            #expect(told.data == ["timezone": "Europe/Berlin", "etc_timezone": "Europe/Berlin"])
        }
    }

    @Test func `a zone that does not exist, or leads elsewhere, changes nothing`() async throws {
        try await ScratchHost.with { host in
            let before = try await host.shell(zones)
            let unknown = try await host.run("host.timezone.set", ["timezone": "Europe/Atlantis"])
            let tricky = try await host.run("host.timezone.set", ["timezone": "../../../etc/passwd"])
            let file = try await host.run("host.timezone.set", ["timezone": "zone.tab"])
            let after = try await host.shell(zones)
            #expect(unknown.error?.code == "not_found" && unknown.changed == false)
            #expect(tricky.error?.code == "invalid_parameters")
            #expect(file.status == "failed")
            #expect(before == after)
        }
    }

    @Test func `a zone whose link cannot be made leaves the other file as it was`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("rm /etc/localtime; mkdir /etc/localtime; echo Etc/UTC >/etc/timezone")
            let outcome = try await host.run("host.timezone.set", ["timezone": "Europe/Berlin"])
            let file = try await host.shell("cat /etc/timezone; ls /etc | grep -c broker || true")
            #expect(outcome.status == "failed" && outcome.changed == false, "\(outcome)")
            #expect(file == "Etc/UTC\n0\n")
        }
    }

    @Test func `a host without time zones is passed over`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("rm -rf /usr/share/zoneinfo")
            let outcome = try await host.run("host.timezone.set", ["timezone": "Europe/Berlin"])
            #expect(outcome.status == "skipped" && outcome.error?.code == "not_applicable")
        }
    }
}
