// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// Users and groups, with the host's own useradd, usermod and chpasswd.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct UserTests {
    /// Writes everything that an operation on users may touch, but for secrets.
    private static let probe = """
        cat /etc/passwd /etc/group; md5sum /etc/shadow /etc/gshadow /etc/subuid 2>/dev/null
        find /home /root/.ssh -printf '%p %M %u %g %s %l\\n' 2>/dev/null | sort
        """

    @Test func `a user is made, changed, locked and removed`() async throws {
        try await ScratchHost.with { host in
            try await host.checkApplied("group.ensure", ["name": "deployers", "gid": 4200], probe: Self.probe)
            let new: JSONValue = [
                "name": "deploy", "uid": 4201, "groups": ["deployers"], "comment": "Deployments, all",
                "shell": "/bin/sh",
            ]
            let made = try await host.checkApplied("user.ensure", new, probe: Self.probe)
            #expect(made.data["uid"] == 4201)
            let get = try await host.run("user.get", ["name": "deploy"])
            #expect(get.data["groups"] == ["deployers"] && get.data["home"] == "/home/deploy", "\(get)")
            #expect(get.data["locked"] == true && get.data["password"] == "unusable" && get.data["expires"] == "never")
            try await host.shell("test -d /home/deploy && test $(stat -c %u /home/deploy) = 4201")

            let other: JSONValue = [
                "name": "deploy", "groups": ["adm"], "comment": "Others", "expires": "2031-05-04", "locked": false,
            ]
            let changed = try await host.checkApplied("user.ensure", other, probe: Self.probe)
            #expect(changed.data["changes"]?.array?.first?["after"]?["groups"] == ["adm", "deployers"], "\(changed)")
            let later = try await host.run("user.get", ["name": "deploy"])
            #expect(later.data["expires"] == "2031-05-04" && later.data["locked"] == false, "\(later)")
            let exact: JSONValue = [
                "name": "deploy", "groups": [], "append_groups": false, "expires": "never", "home": "/home/other",
                "move_home": true,
            ]
            try await host.checkApplied("user.ensure", exact, probe: Self.probe)
            try await host.checkApplied("user.ensure", ["name": "deploy", "locked": true], probe: Self.probe)
            try await host.checkApplied("user.ensure", ["name": "deploy", "locked": false], probe: Self.probe)

            let list = try await host.run("user.list")
            #expect(list.data["users"]?.array?.contains { $0["name"] == "deploy" } == true)
            try await host.checkApplied("user.absent", ["name": "deploy", "remove_home": true], probe: Self.probe)
            try await host.shell("test ! -e /home/other")
            try await host.checkApplied("group.absent", ["name": "deployers"], probe: Self.probe)
        }
    }

    @Test func `what cannot be is refused before anything is done`() async throws {
        try await ScratchHost.with { host in
            let before = try await host.shell(Self.probe)
            let refused: [(String, JSONValue, String)] = [
                ("user.ensure", ["name": "one", "groups": ["nobody-has-it"]], "group_not_found"),
                ("user.ensure", ["name": "one", "uid": 0], "uid_in_use"),
                ("user.ensure", ["name": "-o"], "invalid_parameters"),
                ("user.ensure", ["name": "one", "comment": "a:b"], "invalid_parameters"),
                ("user.ensure", ["name": "one", "expires": "2031-02-30"], "invalid_parameters"),
                ("user.absent", ["name": "root"], "refused"),
                ("user.absent", ["name": "daemon", "remove_home": true], "home_not_own"),
                ("group.ensure", ["name": "one", "gid": 0], "gid_in_use"),
                ("group.absent", ["name": "daemon"], "group_in_use"),
                ("user.password", ["name": "nobody-has-it", "password": "secret"], "user_not_found"),
                ("user.password", ["name": "root"], "invalid_parameters"),
                ("user.authorized_key.add", ["user": "root", "key": "ssh-rsa nonsense"], "invalid_parameters"),
            ]
            for (type, data, code) in refused {
                let outcome = try await host.run(type, data)
                #expect(outcome.error?.code == code && outcome.changed == false, "\(type) \(data): \(outcome)")
            }
            let after = try await host.shell(Self.probe)
            #expect(before == after)
        }
    }

    @Test func `a user that is made by halves is taken back`() async throws {
        try await ScratchHost.with { host in
            // useradd has written its files when it finds that there can be no home.
            try await host.shell("echo in the way >/srv/blocked")
            let data: JSONValue = ["name": "halfway", "home": "/srv/blocked/halfway"]
            let outcome = try await host.run("user.ensure", data)
            #expect(outcome.status == "failed" && outcome.changed == false, "\(outcome)")
            let left = try await host.shell("grep -c '^halfway:' /etc/passwd /etc/shadow /etc/group || true")
            #expect(!left.contains(":1"), "\(left)")
        }
    }

    /// Puts a script before the program of its name.
    private func replace(_ program: String, by script: String, on host: ScratchHost) async throws {
        try await host.shell(
            """
            cat >/usr/local/sbin/\(program) <<'END'
            #!/bin/sh
            [ "$1" != -D ] || exec /usr/sbin/\(program) -D
            \(script)
            END
            chmod 755 /usr/local/sbin/\(program)
            """
        )
    }

    @Test func `a new user needs no step that could fail when it is there`() async throws {
        try await ScratchHost.with { host in
            try await replace("usermod", by: "exit 1", on: host)
            let data: JSONValue = ["name": "open", "locked": false]
            let outcome = try await host.run("user.ensure", data)
            #expect(outcome.status == "completed" && outcome.changed == true, "\(outcome)")
            let get = try await host.run("user.get", ["name": "open"])
            #expect(get.data["locked"] == false && get.data["password"] == "unusable", "\(get)")
        }
    }

    @Test func `a user goes again where what useradd does not take cannot be added`() async throws {
        try await ScratchHost.with { host in
            let data: JSONValue = ["name": "robot", "system": true, "create_home": true, "expires": "2031-05-04"]
            let probe = "sort /etc/passwd /etc/shadow /etc/group; ls -lnR /home"
            let before = try await host.shell(probe)
            try await replace("usermod", by: "echo 'no room' >&2; exit 1", on: host)
            let outcome = try await host.run("user.ensure", data)
            let after = try await host.shell(probe)
            #expect(outcome.error?.code == "tool_failed" && outcome.changed == false, "\(outcome)")
            #expect(before == after)
            try await host.shell("rm /usr/local/sbin/usermod")
            try await host.checkApplied("user.ensure", data, probe: probe)
        }
    }

    @Test func `what useradd leaves by halves goes again, and stays where it was there before`() async throws {
        try await ScratchHost.with { host in
            try await replace("useradd", by: "/usr/sbin/useradd \"$@\"; echo 'no room' >&2; exit 12", on: host)
            try await host.shell("groupadd --gid 4300 halfway; mkdir /home/there; echo mine >/home/there/file")
            let before = try await host.shell("sort /etc/passwd /etc/shadow /etc/group; ls -lnR /home")
            for data: JSONValue in [["name": "halfway"], ["name": "other"], ["name": "third", "home": "/home/there"]] {
                let outcome = try await host.run("user.ensure", data)
                #expect(outcome.error?.code == "tool_failed" && outcome.changed == false, "\(outcome)")
                let after = try await host.shell("sort /etc/passwd /etc/shadow /etc/group; ls -lnR /home")
                #expect(before == after, "\(data)")
            }
        }
    }

    @Test func `a user that somebody else makes at the same time stays`() async throws {
        try await ScratchHost.with { host in
            let race = "/usr/sbin/useradd --comment=theirs race; exec /usr/sbin/useradd \"$@\""
            try await replace("useradd", by: race, on: host)
            let outcome = try await host.run("user.ensure", ["name": "race", "comment": "ours"])
            #expect(outcome.error?.code == "tool_failed" && outcome.changed == false, "\(outcome)")
            let get = try await host.run("user.get", ["name": "race"])
            #expect(get.data["comment"] == "theirs", "\(get)")
        }
    }

    @Test func `a home is not moved to where something is`() async throws {
        try await ScratchHost.with { host in
            try await host.run("user.ensure", ["name": "deploy"])
            try await host.shell("mkdir /home/other")
            let data: JSONValue = ["name": "deploy", "home": "/home/other", "move_home": true]
            for isDry in [true, false] {
                let outcome = try await host.run("user.ensure", data, dryRun: isDry)
                #expect(outcome.error?.code == "exists" && outcome.changed == false, "\(outcome)")
            }
            try await host.shell("grep -q '^deploy:.*:/home/deploy:' /etc/passwd")
        }
    }

    @Test func `a password is set once, by itself or by its hash, and is told nobody`() async throws {
        try await ScratchHost.with { host in
            try await host.run("user.ensure", ["name": "deploy"])
            let plain: JSONValue = ["name": "deploy", "password": "correct horse: battery"]
            let set = try await host.checkApplied("user.password", plain, probe: Self.probe)
            #expect(!"\(set)".contains("horse"))
            let hash = try await host.shell("grep ^deploy: /etc/shadow | cut -d: -f2").dropLast()
            #expect(hash.hasPrefix("$"))
            #expect(!"\(set)".contains(hash))
            let crypt =
                #"perl -e '($p, $h) = @ARGV; exit(crypt($p, $h) ne $h)' 'correct horse: battery' "$(grep ^deploy: /etc/shadow | cut -d: -f2)""#
            try await host.shell(crypt)

            let known =
                "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"
            try await host.checkApplied("user.password", ["name": "deploy", "hash": .string(known)], probe: Self.probe)
            let bad = try await host.run("user.password", ["name": "deploy", "hash": "$6$a:b"])
            #expect(bad.error?.code == "invalid_parameters" && !"\(bad)".contains("a:b"), "\(bad)")
            try await host.checkApplied("user.ensure", ["name": "deploy", "locked": true])
            let get = try await host.run("user.get", ["name": "deploy"])
            #expect(get.data["locked"] == true && get.data["password"] == "set")
        }
    }

    // MARK: Keys

    private static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1wEDV7YCpB4ugGPSOMLnNuTCEyTTVhGWTPNvWh0HxB"

    @Test func `a key comes into the file of its user and goes again`() async throws {
        try await ScratchHost.with { host in
            try await host.run("user.ensure", ["name": "deploy", "uid": 4201])
            let data: JSONValue = ["user": "deploy", "key": .string(Self.key + " ops"), "options": "restrict,pty"]
            try await host.checkApplied("user.authorized_key.add", data, probe: Self.probe)
            let state = try await host.shell(
                "cd /home/deploy && stat -c '%n %a %u' .ssh .ssh/authorized_keys; cat .ssh/*"
            )
            #expect(state == ".ssh 700 4201\n.ssh/authorized_keys 600 4201\nrestrict,pty \(Self.key) ops\n")

            // Options and comment stay where nothing is said of them.
            let same: JSONValue = ["user": "deploy", "key": .string(Self.key)]
            try await host.checkApplied("user.authorized_key.add", same, isChange: false)
            try await host.shell(
                "echo '# mine' >>/home/deploy/.ssh/authorized_keys; chmod 666 /home/deploy/.ssh/authorized_keys"
            )
            let other: JSONValue = ["user": "deploy", "key": .string(Self.key + " new"), "options": "restrict"]
            try await host.checkApplied("user.authorized_key.add", other, probe: Self.probe)
            let text = try await host.shell("cd /home/deploy/.ssh && stat -c %a authorized_keys; cat authorized_keys")
            #expect(text == "644\nrestrict \(Self.key) new\n# mine\n")
            let removed = try await host.checkApplied("user.authorized_key.remove", same, probe: Self.probe)
            #expect(removed.data["keys"] == 0)
            let left = try await host.shell("cat /home/deploy/.ssh/authorized_keys")
            #expect(left == "# mine\n")
        }
    }

    @Test func `links in the home of a user lead nowhere`() async throws {
        try await ScratchHost.with { host in
            try await host.run("user.ensure", ["name": "deploy", "uid": 4201])
            let data: JSONValue = ["user": "deploy", "key": .string(Self.key)]
            let traps = [
                "ln -s /etc/ssh-of-others .ssh; mkdir -p /etc/ssh-of-others",
                "rm .ssh; mkdir .ssh; chown 4201 .ssh; ln -s /etc/shadow .ssh/authorized_keys",
                "rm .ssh/authorized_keys; mkfifo .ssh/authorized_keys",
                "rm .ssh/authorized_keys; ln /etc/hosts.copy .ssh/authorized_keys",
                "rm .ssh/authorized_keys; chown 4202 .ssh",
            ]
            try await host.shell("cp /etc/hosts /etc/hosts.copy")
            let before = try await host.shell(
                "md5sum /etc/shadow /etc/hosts.copy; ls /etc/ssh-of-others 2>/dev/null; true"
            )
            for trap in traps {
                try await host.shell("cd /home/deploy && \(trap)")
                for operation in ["user.authorized_key.add", "user.authorized_key.remove"] {
                    let outcome = try await host.run(operation, data)
                    #expect(outcome.status == "failed" && outcome.changed == false, "\(trap): \(outcome)")
                    #expect(!"\(outcome)".contains("root:"), "\(outcome)")
                }
            }
            let after = try await host.shell("md5sum /etc/shadow /etc/hosts.copy; ls /etc/ssh-of-others; true")
            #expect(before == after)
        }
    }
}
