// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// The settings are those of a network of its own, and no module ever reaches the kernel: modprobe is a stand-in.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct KernelTests {
    private let settings = "cat /etc/sysctl.d/99-broker.conf 2>&1; cat /proc/sys/net/ipv4/ip_forward"

    @Test func `a setting is given to the kernel and to the next start`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            // A new network begins with what the machine has.
            try await host.shell("echo 0 >/proc/sys/net/ipv4/ip_forward")
            try await host.checkApplied(
                "sysctl.set",
                ["key": "net.ipv4.ip_forward", "value": 1],
                probe: settings
            )
            try await host.checkApplied(
                "sysctl.set",
                ["key": "net/ipv4/tcp_rmem", "value": "4096\t131072  999999"],
                probe: settings
            )
            let file = try await host.shell("cat /etc/sysctl.d/99-broker.conf")
            #expect(file == "net.ipv4.ip_forward = 1\nnet.ipv4.tcp_rmem = 4096 131072 999999\n")
            let told = try await host.run("sysctl.get", ["keys": ["net.ipv4.ip_forward", "net.no.such"]])
            #expect(told.data["values"] == ["net.ipv4.ip_forward": "1", "net.no.such": nil])
            // sysctl(8) reads it the same way.
            let theirs = try await host.shell("sysctl -p /etc/sysctl.d/99-broker.conf && sysctl -n net.ipv4.tcp_rmem")
            #expect(theirs.hasSuffix("4096\t131072\t999999\n"))
        }
    }

    @Test func `a value that the kernel refuses is put back, and the file with it`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            _ = try await host.run("sysctl.set", ["key": "net.ipv4.ip_forward", "value": 1])
            let before = try await host.shell(settings)
            for value in ["nonsense", "99999999999999999999"] {
                let outcome = try await host.run("sysctl.set", ["key": "net.ipv4.ip_forward", "value": .string(value)])
                #expect(outcome.error?.code == "value_refused" && outcome.changed == false, "\(outcome)")
            }
            let unknown = try await host.run("sysctl.set", ["key": "net.no.such", "value": 1])
            let after = try await host.shell(settings)
            #expect(unknown.error?.code == "not_found" && unknown.changed == false)
            #expect(before == after)
        }
    }

    @Test func `a setting may be for the next start alone, and says what overrides it`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            let start = "echo 0 >/proc/sys/net/ipv4/ip_forward; echo 'net.ipv4.ip_forward=0' >/etc/sysctl.d/99-x.conf"
            try await host.shell(start)
            let data: JSONValue = ["key": "net.ipv4.ip_forward", "value": 1, "runtime": false]
            let outcome = try await host.checkApplied("sysctl.set", data, probe: settings)
            let after = try await host.shell(settings)
            #expect(after == "net.ipv4.ip_forward = 1\n0\n")
            #expect(outcome.data["overridden_by"] == ["/etc/sysctl.d/99-x.conf"])
        }
    }

    @Test(
        arguments: [
            ["key": "net.ipv4.../../x", "value": 1], ["key": "kernel", "value": 1], ["key": "net..x", "value": 1],
            ["key": "net.ipv4.ip_forward", "value": "1\n2"], ["key": "-w", "value": 1],
            ["key": "net.ipv4.ip_forward", "value": 1, "file": "/etc/passwd"],
            ["key": "net.ipv4.ip_forward", "value": 1, "file": "/etc/sysctl.d/../x.conf"],
            ["key": "net.ipv4.ip_forward", "value": 1, "runtime": false, "persistent": false],
        ] as [JSONValue]
    )
    func `names and files that lead elsewhere are refused`(data: JSONValue) async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            let outcome = try await host.run("sysctl.set", data)
            #expect(outcome.error?.code == "invalid_parameters" && outcome.changed == false, "\(outcome)")
        }
    }

    // MARK: Modules

    /// Puts files in the place of /proc that say what the kernel has loaded, and a modprobe that knows one module.
    static let standIn = """
        mkdir /realproc /standin
        mount -t proc proc /realproc
        mount -t tmpfs none /standin
        for f in /realproc/*; do
            case $f in */[0-9]*|*/modules) ;; *) ln -s "$f" /standin/ ;; esac
        done
        # Those of processes to come as well: libdispatch cannot be without them.
        seq 1 5000 | sed 's|^|/realproc/|' | xargs ln -s -t /standin
        echo 'nf_conntrack 163840 1 nf_nat, Live 0x0' >/standin/modules
        cat >/usr/local/sbin/modprobe <<'END'
        #!/bin/sh
        for last; do :; done
        [ "$last" != no_such ] || { echo 'modprobe: FATAL: Module no_such not found' >&2; exit 1; }
        [ "$1" != --dry-run ] || exit 0
        if [ "$1" = --resolve-alias ]; then
            case $last in net-pf-99) echo af_test ;; alias) exit 1 ;; *) echo "$last" | tr - _ ;; esac
            exit 0
        fi
        case $last in
        net-pf-99) last=af_test ;;
        half) echo 'part 1 0 - Live 0x0' >>/proc/modules; echo 'modprobe: ERROR: no room' >&2; exit 1 ;;
        esac
        [ "$last" != broken ] || { echo 'modprobe: ERROR: Exec format error' >&2; exit 1; }
        [ "$last" != alias ] || exit 0
        echo "$last 1 0 - Live 0x0" | tr - _ | sed 's/ 0 _ / 0 - /' >>/proc/modules
        END
        chmod 755 /usr/local/sbin/modprobe
        mount --bind /standin /proc
        """

    @Test func `a module is loaded, at once and for the next start`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(Self.standIn)
            let probe = "cat /proc/modules; ls /etc/modules-load.d"
            try await host.checkApplied("module.load", ["name": "br-netfilter"], probe: probe)
            let file = try await host.shell("cat /etc/modules-load.d/broker-br-netfilter.conf")
            #expect(file == "br-netfilter\n")
            let listed = try await host.run("module.list", ["name": "nf-conntrack"])
            #expect(
                listed.data["modules"] == [
                    ["name": "nf_conntrack", "size": 163_840, "references": 1, "used_by": ["nf_nat"], "state": "live"]
                ]
            )
        }
    }

    @Test func `an alias stands for its module`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(Self.standIn)
            let probe = "cat /proc/modules; ls /etc/modules-load.d"
            try await host.checkApplied("module.load", ["name": "net-pf-99"], probe: probe)
            let file = try await host.shell("cat /etc/modules-load.d/broker-net-pf-99.conf")
            #expect(file == "net-pf-99\n")
            try await host.shell(
                "mv /etc/modules-load.d/broker-net-pf-99.conf /tmp; echo af-test >/etc/modules-load.d/x.conf"
            )
            try await host.checkApplied("module.load", ["name": "net-pf-99"], isChange: false)
        }
    }

    @Test func `what the kernel keeps of a module that cannot be loaded is told`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(Self.standIn)
            let outcome = try await host.run("module.load", ["name": "half"])
            #expect(outcome.error?.code == "tool_failed" && outcome.changed == true, "\(outcome)")
            #expect(outcome.error?.message.contains("part") == true, "\(outcome)")
            try await host.shell("! ls /etc/modules-load.d | grep broker")
        }
    }

    @Test func `a module that cannot be loaded leaves no file behind`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(Self.standIn)
            let unknown = try await host.run("module.load", ["name": "no_such"], dryRun: true)
            let broken = try await host.run("module.load", ["name": "broken"])
            let alias = try await host.run("module.load", ["name": "alias"])
            let option = try await host.run("module.load", ["name": "../x"])
            let files = try await host.shell("ls /etc/modules-load.d")
            #expect(unknown.error?.code == "not_found")
            #expect(broken.error?.code == "tool_failed" && broken.changed == false)
            #expect(alias.error?.code == "not_loaded")
            #expect(option.error?.code == "invalid_parameters")
            #expect(!files.contains("broker"))
        }
    }

    @Test func `a kernel without modules is passed over`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(Self.standIn + "\nrm /proc/modules")
            let list = try await host.run("module.list")
            let load = try await host.run("module.load", ["name": "br_netfilter"])
            #expect(list.status == "skipped" && load.status == "skipped")
        }
    }
}
