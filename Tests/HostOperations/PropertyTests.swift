// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What holds for random sequences of operations, as ``ScratchHosts/ScratchHost/checkSequence(rounds:probe:at:_:)`` says.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(20)))
struct PropertyTests {
    typealias Step = (type: String, data: [String: JSONValue])

    // MARK: Accounts

    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1wEDV7YCpB4ugGPSOMLnNuTCEyTTVhGWTPNvWh0HxB"
    private static let otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhU0SzZ8e2Xh0dcKjWqJ8f2rL8mZlN3bGdO4yXo5Bxy"
    private static let hash =
        "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"

    @Test func `users, groups, passwords and keys`() async throws {
        let probe = """
            cat /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid
            find /home -printf '%p %M %U %G %l\\n' | sort
            find /home -name 'authorized_keys*' | sort | xargs -r cat
            """
        try await ScratchHost.with { host in
            try await host.checkSequence(rounds: 30, probe: probe) { choices in
                let user = choices.one(of: ["one", "two"])
                switch Int.random(in: 0..<10, using: &choices) {
                case 0: return ("user.absent", ["name": .string(user), "remove_home": .bool(choices.chance(2))])
                case 1: return Self.group(&choices)
                case 2: return ("group.absent", ["name": .string(choices.one(of: ["red", "green", "one"]))])
                case 3: return Self.password(user, &choices)
                case 4, 5: return Self.key(user, &choices)
                default: return Self.user(user, &choices)
                }
            }
        }
    }

    private static func user(_ name: String, _ choices: inout Choices) -> Step {
        var data: [String: JSONValue] = ["name": .string(name)]
        if choices.chance(4) { data["uid"] = .int(choices.one(of: [4201, 4202, 4203])) }
        if choices.chance(4) { data["group"] = .string(choices.one(of: ["red", "green", "adm"])) }
        if choices.chance(3) {
            data["groups"] = .array(choices.some(of: ["red", "audio", "video"]).map(JSONValue.string))
            data["append_groups"] = .bool(choices.chance(2))
        }
        if choices.chance(4) { data["comment"] = .string(choices.one(of: ["", "Somebody", "Ünïcode, all"])) }
        if choices.chance(4) { data["home"] = .string(choices.one(of: ["/home/here", "/home/there", "/home/one"])) }
        if choices.chance(3) { data["move_home"] = true }
        if choices.chance(4) { data["create_home"] = .bool(choices.chance(2)) }
        if choices.chance(4) {
            data["shell"] = .string(choices.one(of: ["/bin/sh", "/bin/bash", "/usr/sbin/nologin"]))
        }
        if choices.chance(5) { data["system"] = true }
        if choices.chance(4) { data["expires"] = .string(choices.one(of: ["never", "2031-05-04", "1970-01-02"])) }
        if choices.chance(3) { data["locked"] = .bool(choices.chance(2)) }
        return ("user.ensure", data)
    }

    private static func group(_ choices: inout Choices) -> Step {
        var data: [String: JSONValue] = ["name": .string(choices.one(of: ["red", "green", "one"]))]
        if choices.chance(2) { data["gid"] = .int(choices.one(of: [4301, 4302])) }
        if choices.chance(3) { data["system"] = true }
        return ("group.ensure", data)
    }

    private static func password(_ user: String, _ choices: inout Choices) -> Step {
        let secret: [String: JSONValue] = choices.chance(2) ? ["hash": .string(hash)] : ["password": "open sesame"]
        return ("user.password", secret.merging(["name": .string(user)]) { $1 })
    }

    private static func key(_ user: String, _ choices: inout Choices) -> Step {
        let key = choices.one(of: [key, key + " me", otherKey, otherKey + " you"])
        var data: [String: JSONValue] = ["user": .string(user), "key": .string(key)]
        if choices.chance(3) { return ("user.authorized_key.remove", data) }
        if choices.chance(2) { data["options"] = .string(choices.one(of: ["restrict", "no-pty,command=\"true\""])) }
        return ("user.authorized_key.add", data)
    }

    // MARK: Files that others read

    @Test func `what cron runs`() async throws {
        let probe = "cd /etc/cron.d && for f in *; do stat -c '%n %a %u' $f; cat $f; done"
        try await ScratchHost.with { host in
            try await host.shell(
                "mkdir -p /etc/cron.d; printf '#!/bin/sh\\n' >/usr/sbin/cron; chmod 755 /usr/sbin/cron; echo x >/etc/cron.d/a"
            )
            try await host.checkSequence(probe: probe) { choices in
                let name = JSONValue.string(choices.one(of: ["a", "b", "c_d"]))
                if choices.chance(3) { return ("cron.absent", ["name": name]) }
                let schedules = ["@daily", "*/15  6-22 * * mon-fri", "0 3 * * *", "61 * * * *"]
                var data: [String: JSONValue] = [
                    "name": name, "schedule": .string(choices.one(of: schedules)),
                    "command": .string(choices.one(of: ["true", "date +%F", "echo 'a b' | cat"])),
                ]
                if choices.chance(2) { data["user"] = .string(choices.one(of: ["root", "nobody", "nobody-has-it"])) }
                if choices.chance(2) {
                    data["env"] = ["MAILTO": "", "WHO": .string(choices.one(of: ["me", "a \"b\""]))]
                }
                return ("cron.ensure", data)
            }
        }
    }

    @Test func `settings of the kernel`() async throws {
        let probe = """
            cat /etc/sysctl.d/*.conf; cd /proc/sys/net/ipv4
            cat ip_forward ip_default_ttl tcp_rmem ip_local_port_range
            """
        // Each has a network of its own.
        let settings: [(String, [JSONValue])] = [
            ("net.ipv4.ip_forward", [0, 1, "1"]), ("net.ipv4.ip_default_ttl", [64, 65]),
            ("net/ipv4/tcp_rmem", ["4096 131072 6291456", "4096\t131072  999999"]),
            ("net.ipv4.ip_local_port_range", ["32768 60999", "32768\t50999 "]), ("net.ipv4.no_such", [1]),
        ]
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(
                "printf '# mine\\n-net/ipv4/ip_forward=0\\nnet.ipv4.ip_forward = 1' >/etc/sysctl.d/50-mine.conf"
            )
            try await host.checkSequence(probe: probe) { choices in
                let (key, values) = choices.one(of: settings)
                var data: [String: JSONValue] = ["key": .string(key), "value": choices.one(of: values)]
                if choices.chance(3) { data["runtime"] = false }
                if data["runtime"] == nil, choices.chance(3) { data["persistent"] = false }
                if choices.chance(2) { data["file"] = "/etc/sysctl.d/50-mine.conf" }
                return ("sysctl.set", data)
            }
        }
    }

    @Test func `authorities that are trusted`() async throws {
        let directory = "/usr/local/share/ca-certificates"
        let probe = """
            cd \(directory) && for f in *; do stat -c '%n %a %u' "$f"; cat "$f"; done
            ls -l /etc/ssl/certs | sed 's/.*:.. //'; sha256sum /etc/ssl/certs/ca-certificates.crt
            """
        try await ScratchHost.with { host in
            var certificates: [JSONValue] = []
            for name in ["one", "two", "three"] {
                let pem = try await host.shell(
                    """
                    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -days 30 \
                        -subj '/CN=\(name)' 2>/dev/null
                    """
                )
                certificates.append(.string(pem))
            }
            // As a person would have left it, with one that the program does not look at.
            try await host.shell(
                "unset TMPDIR; cd \(directory); rm -f *; echo none >none.crt; echo none >b.pem; update-ca-certificates --fresh"
            )
            try await host.checkSequence(rounds: 15, probe: probe) { [certificates] choices in
                let name = JSONValue.string(choices.one(of: ["a", "b", "none"]))
                if choices.chance(3) { return ("ca.remove", ["name": name]) }
                return ("ca.add", ["name": name, "certificate": choices.one(of: certificates)])
            }
        }
    }
}

/// The same for services, with a systemd of their own.
@Suite(
    .enabled(if: ScratchHost.systemdObstacle == nil, "\(ScratchHost.systemdObstacle ?? "")"),
    .timeLimit(.minutes(20))
)
struct ServicePropertyTests {
    /// Units of a distribution: two services, and a timer that has one of them run.
    private let units = """
        cd /lib/systemd/system
        for name in given other; do
            printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >$name.service
        done
        printf '[Timer]\\nOnCalendar=2099-01-01\\nUnit=given.service\\n[Install]\\nWantedBy=timers.target\\n' >given.timer
        systemctl daemon-reload; systemctl enable --runtime other
        """
    private let probe = """
        for unit in given.service given.timer other.service app.service; do
            systemctl show --property Id,LoadState,ActiveState,UnitFileState,MainPID $unit
        done
        find /etc/systemd/system /run/systemd/system -printf '%p %M %l\\n' | sort
        cat /etc/systemd/system/app.service 2>&1 || true
        """

    @Test func `services`() async throws {
        let contents = ["[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"]
        let variants = contents + contents.map { "[Unit]\nDescription=Mine\n" + $0 } + ["[Service]\nExec=1\n"]
        try await ScratchHost.with(systemd: true) { host in
            try await host.shell(units)
            try await host.checkSequence(rounds: 30, probe: probe) { choices in
                let unit = JSONValue.string(choices.one(of: ["given", "given.timer", "other", "app"]))
                switch Int.random(in: 0..<8, using: &choices) {
                case 0, 1:
                    let content = JSONValue.string(choices.one(of: variants))
                    return ("service.unit.deploy", ["unit": "app.service", "content": content])
                case 2: return ("service.unit.remove", ["unit": "app.service"])
                case 3, 4:
                    let data = ["unit": unit, "now": .bool(choices.chance(2)), "unmask": .bool(choices.chance(2))]
                    return ("service.enable", data)
                case 5:
                    let data = ["unit": unit, "now": .bool(choices.chance(2)), "mask": .bool(choices.chance(2))]
                    return ("service.disable", data)
                case 6: return ("service.start", ["unit": unit])
                default: return ("service.stop", ["unit": unit])
                }
            }
        }
    }
}
