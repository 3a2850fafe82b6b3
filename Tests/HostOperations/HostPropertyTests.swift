// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What holds for random sequences of operations on the host itself, its packages and archives, as
/// ``ScratchHosts/ScratchHost/checkSequence(rounds:probe:at:_:)`` says.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(20)))
struct HostPropertyTests {
    @Test func `names, time zones and resolvers`() async throws {
        let probe = """
            hostname; cat /etc/hostname /etc/hosts /etc/resolv.conf /etc/timezone; readlink /etc/localtime
            stat -c '%n %a %u %g' /etc/hostname /etc/hosts /etc/resolv.conf /etc/timezone
            """
        try await ScratchHost.with { host in
            // As people leave them: odd blanks, a line without an end, words that are not known.
            try await host.shell(
                """
                printf '127.0.0.1\\tlocalhost\\n127.0.1.1   old.example.org  old\\n::1 localhost' >/etc/hosts
                printf '# mine\\nnameserver  192.0.2.1\\nsearch a b\\nsortlist x' >/etc/resolv.conf
                """
            )
            try await host.checkSequence(rounds: 30, probe: probe) { choices in
                switch Int.random(in: 0..<3, using: &choices) {
                case 0:
                    let names = ["web1.example.com", "web1", "db2", "old.example.org", "old"]
                    return ("host.hostname.set", ["name": .string(choices.one(of: names))])
                case 1:
                    let zones = ["Europe/Berlin", "Etc/UTC", "Asia/Tokyo", "Europe/Atlantis"]
                    return ("host.timezone.set", ["timezone": .string(choices.one(of: zones))])
                default: return Self.resolver(&choices)
                }
            }
        }
    }

    private static func resolver(_ choices: inout Choices) -> PropertyTests.Step {
        let servers = choices.some(of: ["192.0.2.1", "192.0.2.53", "2001:db8::53"])
        var data: [String: JSONValue] = [
            "nameservers": .array((servers.isEmpty ? ["192.0.2.9"] : servers).map(JSONValue.string))
        ]
        for (name, values) in [("search", ["a", "b", "example.com"]), ("options", ["timeout:1", "rotate"])]
        where choices.chance(2) {
            data[name] = .array(choices.some(of: values).map(JSONValue.string))
        }
        return ("net.dns.set", data)
    }

    @Test func `packages that come and go`() async throws {
        let probe = """
            dpkg-query -W -f '${Package} ${Version} ${Status}\\n'; apt-mark showhold
            for f in /etc/broker-*.conf; do echo $f; cat $f 2>&1 || true; done
            """
        try await ScratchHost.with { host in
            try await PackageRepository.set(up: host)
            try await host.shell("apt-get -qq update")
            try await host.checkSequence(rounds: 15, probe: probe) { choices in
                let name = choices.one(of: ["broker-one", "broker-two", "broker-three", "not-here"])
                switch Int.random(in: 0..<6, using: &choices) {
                case 0, 1:
                    let data = ["packages": JSONValue.array([.string(name)]), "purge": .bool(choices.chance(2))]
                    return ("package.remove", data)
                case 2:
                    return ("package.upgrade", choices.chance(2) ? [:] : ["packages": .array([.string(name)])])
                default:
                    let version = choices.chance(3) ? choices.one(of: ["=1.0", "=2.0"]) : ""
                    var data: [String: JSONValue] = ["packages": .array([.string(name + version)])]
                    if choices.chance(2) { data["allow_downgrade"] = true }
                    if choices.chance(3) { data["latest"] = true }
                    if choices.chance(3) { data["hold"] = .bool(choices.chance(2)) }
                    return ("package.install", data)
                }
            }
        }
    }

    @Test func `archives over each other`() async throws {
        let probe = """
            find /srv/one /srv/two /srv/three -printf '%p %M %U %G %l\\n' 2>/dev/null | sort
            find /srv/one /srv/two /srv/three -type f 2>/dev/null | sort | xargs -r sha256sum
            """
        try await ScratchHost.with { host in
            try await host.shell(
                """
                set -e
                mkdir -p /srv/src/app-1/bin /srv/src/app-2/bin /srv/one && cd /srv/src
                echo one >app-1/bin/run; chmod 755 app-1/bin/run; ln -s bin/run app-1/start; echo 1 >app-1/VERSION
                echo two >app-2/bin/run; echo 2 >app-2/start; mkdir app-2/lib; echo x >app-2/lib/x
                tar czf /srv/1.tgz app-1; tar cJf /srv/2.txz app-2; tar cf /srv/both.tar app-1 app-2
                echo none >/srv/none.zip
                echo mine >/srv/one/VERSION
                """
            )
            try await host.checkSequence(rounds: 30, probe: probe) { choices in
                let (archive, top) = choices.one(of: [
                    ("1.tgz", "app-1"), ("2.txz", "app-2"), ("both.tar", "app-1"), ("none.zip", "x"), ("gone.tar", "x"),
                ])
                let destination = choices.one(of: ["/srv/one", "/srv/two", "/srv/three"])
                let isStripped = choices.chance(2)
                var data: [String: JSONValue] = [
                    "archive": .string("/srv/" + archive), "destination": .string(destination),
                    "strip_components": isStripped ? 1 : 0,
                ]
                let owners = ["nobody", "daemon", "nobody-has-it"]
                if choices.chance(3) { data["owner"] = .string(choices.one(of: owners)) }
                if choices.chance(4) { data["group"] = "nogroup" }
                if choices.chance(4) {
                    data["creates"] = .string(isStripped ? "\(destination)/start" : "\(destination)/\(top)/start")
                }
                return ("archive.extract", data)
            }
        }
    }
}
