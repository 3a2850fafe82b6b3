// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// Packages, with the real apt and a repository within the scratch host.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(15)))
struct PackageTests {
    private func withHost(_ body: (ScratchHost) async throws -> Void) async throws {
        try await ScratchHost.with { host in
            try await PackageRepository.set(up: host)
            try await body(host)
        }
    }

    private func versions(_ host: ScratchHost) async throws -> String {
        try await host.shell(
            "dpkg-query -W -f '${Package}=${Version} ${db:Status-Abbrev}\\n' 'broker-*' 2>/dev/null || true"
        )
    }

    @Test func `a package comes with what it depends on, and a dry run fetches an index of its own`() async throws {
        try await withHost { host in
            let data: JSONValue = ["packages": ["broker-two"], "refresh": true]
            let real = try await host.checkApplied("package.install", data, probe: PackageRepository.probe)
            let subjects = real.data["changes"]?.array?.compactMap { $0["subject"]?.string }
            #expect(Set(subjects ?? []) == ["package broker-one", "package broker-two"])
            #expect(real.data["index_refreshed"] == true)
            let again = try await host.run("package.install", data)
            #expect(again.data["index_refreshed"] == false, "\(again)")

            let list = try await host.run("package.list", ["pattern": "broker-*"])
            #expect(list.data["total"] == 2)
            #expect(list.data["packages"]?.array?.first?["version"] == "2.0")
        }
    }

    @Test func `versions go down only where that is allowed, and holds stay`() async throws {
        try await withHost { host in
            try await host.checkApplied("package.install", ["packages": ["broker-one"], "refresh": true])
            let one: JSONValue = ["packages": ["broker-one"], "version": "1.0"]
            let refused = try await host.run("package.install", one)
            #expect(refused.error?.code == "downgrade_refused" && refused.changed == false, "\(refused)")

            let held: JSONValue = ["packages": ["broker-one=1.0"], "allow_downgrade": true, "hold": true]
            try await host.checkApplied("package.install", held, probe: PackageRepository.probe)
            let get = try await host.run("package.get", ["name": "broker-one"])
            #expect(get.data["held"] == true && get.data["version"] == "1.0" && get.data["candidate"] == "2.0")
            #expect(get.data["versions"] == ["2.0", "1.0"])

            let updates = try await host.run("package.updates", ["refresh": true])
            #expect(updates.data["updates"]?.array?.first?["held"] == true, "\(updates)")
            try await host.checkApplied("package.upgrade", [:], isChange: false)
            let stays = try await host.run("package.upgrade", ["packages": ["broker-one"]])
            #expect(stays.error?.code == "package_held", "\(stays)")
            try await host.checkApplied("package.install", ["packages": ["broker-one"], "hold": false])
        }
    }

    @Test func `an upgrade keeps a configuration file that was changed`() async throws {
        try await withHost { host in
            _ = try await host.run("package.install", ["packages": ["broker-one=1.0"], "refresh": true])
            try await host.shell("echo mine >/etc/broker-one.conf")
            let data: JSONValue = ["packages": ["broker-one", "not-here"]]
            let real = try await host.checkApplied("package.upgrade", data, probe: PackageRepository.probe)
            #expect(real.data["not_installed"] == ["not-here"])
            let left = try await host.shell("cat /etc/broker-one.conf")
            #expect(left == "mine\n")
            #expect(try await versions(host) == "broker-one=2.0 ii \n")
        }
    }

    @Test func `a package goes with those that depend on it, and its configuration only with purge`() async throws {
        try await withHost { host in
            _ = try await host.run("package.install", ["packages": ["broker-two"], "refresh": true])
            let data: JSONValue = ["packages": ["broker-one", "not-here"]]
            let real = try await host.checkApplied("package.remove", data, probe: PackageRepository.probe)
            #expect(real.data["changes"]?.array?.count == 2, "\(real)")
            #expect(try await versions(host).contains("broker-one=2.0 rc"))
            let purge: JSONValue = ["packages": ["broker-one", "broker-two"], "purge": true]
            let purged = try await host.checkApplied("package.remove", purge, probe: PackageRepository.probe)
            #expect(purged.data["changes"]?.array?.first?["subject"] == "configuration of package broker-one")
            #expect(try await versions(host).isEmpty)
        }
    }

    @Test func `a package that fails while it is set up leaves nothing behind`() async throws {
        try await withHost { host in
            let before = try await versions(host)
            let outcome = try await host.run("package.install", ["packages": ["broker-broken"], "refresh": true])
            #expect(outcome.status == "failed" && outcome.changed == false, "\(outcome)")
            #expect(try await versions(host) == before)
            let audit = try await host.shell("dpkg --audit")
            #expect(audit.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `what has become of packages whose time is over is told`(isUpgrade: Bool) async throws {
        try await withHost { host in
            try await host.shell("apt-get -q update")
            if isUpgrade { try await host.run("package.install", ["packages": ["broker-slow=1.0"]]) }
            let before = try await versions(host)
            let data: JSONValue = ["packages": ["broker-slow"], "timeout": 8]
            let outcome = try await host.run(isUpgrade ? "package.upgrade" : "package.install", data)
            let after = try await versions(host)
            #expect(outcome.status == "timed_out" && outcome.changed == (after != before), "\(outcome)\n\(after)")
        }
    }

    @Test func `names that apt would take for something else are refused`() async throws {
        try await withHost { host in
            try await host.shell("apt-get -q update")
            for (name, code) in [
                ("broker.one", "package_not_found"), ("broker-one-", "package_not_found"),
                ("nothing-of-this-name", "package_not_found"), ("broker-one=9", "version_not_found"),
                ("-o", "invalid_parameters"), ("./broker.deb", "invalid_parameters"),
            ] {
                let outcome = try await host.run("package.install", ["packages": [.string(name)]])
                #expect(outcome.error?.code == code, "\(name): \(outcome)")
            }
            #expect(try await versions(host).isEmpty)
        }
    }

    @Test func `another process that uses dpkg is waited for, and named where it takes too long`() async throws {
        try await withHost { host in
            try await host.shell("apt-get -q update")
            // struct flock of 64-bit Linux; start-stop-daemon leaves it no descriptor of the test's.
            try await host.shell(
                """
                start-stop-daemon --start --background --make-pidfile --pidfile /tmp/locker --startas /usr/bin/perl -- -MFcntl -e \
                '$lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); \
                open F, ">>", "/var/lib/dpkg/lock-frontend"; fcntl(F, F_SETLK, $lock) or die; \
                open R, ">", "/tmp/locked"; close R; sleep 600'
                for i in $(seq 600); do [ -e /tmp/locked ] && break; sleep 0.1; done; test -e /tmp/locked
                """
            )
            let data: JSONValue = ["packages": ["broker-one"], "lock_timeout": 1]
            let locked = try await host.run("package.install", data)
            #expect(locked.error?.code == "package_manager_locked" && locked.changed == false, "\(locked)")
            async let waiting = host.run("package.install", ["packages": ["broker-one"], "lock_timeout": 300])
            try await host.shell("kill $(cat /tmp/locker)")
            let done = try await waiting
            #expect(done.changed == true, "\(done)")
        }
    }

    @Test func `a host without a package tool that is known is passed over`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("mv /usr/bin/apt-get /usr/bin/apt-gone")
            let outcome = try await host.run("package.install", ["packages": ["hello"]])
            #expect(outcome.status == "skipped" && outcome.error?.code == "not_applicable", "\(outcome)")
        }
    }
}
