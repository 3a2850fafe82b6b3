// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// The operations on files as root, with users and file systems that a directory of a test has not.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct FileTests {
    @Test func `files get users and groups by name and by number`() async throws {
        try await ScratchHost.with { host in
            let probe = "stat -c '%n %U:%G %a' /srv/* 2>/dev/null; cat /srv/file 2>/dev/null; true"
            let data: JSONValue = [
                "path": "/srv/file", "content": "one\n", "owner": "daemon", "group": "www-data", "mode": "0640",
            ]
            try await host.checkApplied("file.deploy", data, probe: probe)
            #expect(try await host.shell(probe) == "/srv/file daemon:www-data 640\none\n")

            // Who it belongs to stays where nothing else is said, also when its content is another one.
            let line: JSONValue = ["path": "/srv/file", "line": "two"]
            try await host.checkApplied("file.line", line, probe: probe)
            #expect(try await host.shell(probe) == "/srv/file daemon:www-data 640\none\ntwo\n")

            let numbers: JSONValue = ["path": "/srv/file", "content": "one\ntwo\n", "owner": 4711, "group": 0]
            try await host.checkApplied("file.deploy", numbers, probe: probe)
            #expect(try await host.shell("stat -c %u:%g:%a /srv/file") == "4711:0:640\n")

            try await host.shell("useradd --system --no-create-home newcomer")
            let directory: JSONValue = ["path": "/srv/new/inner", "owner": "newcomer", "mode": "2750"]
            try await host.checkApplied("file.directory", directory, probe: "ls -lR /srv")
            #expect(try await host.shell("stat -c '%U %a' /srv/new /srv/new/inner") == "root 755\nnewcomer 2750\n")
        }
    }

    @Test func `a whole tree gets its user, or none of it does`() async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                """
                mkdir -p /srv/tree/a/b; touch /srv/tree/a/1 /srv/tree/a/b/2 /srv/outside; ln -s /srv/outside /srv/tree/link
                chmod 4755 /srv/tree/a/1; chown daemon /srv/tree/a/b
                """
            )
            let probe = "cd /srv && find . -printf '%p %U:%G %m %y\\n' | sort"
            let data: JSONValue = ["path": "/srv/tree", "owner": "www-data", "recursive": true]
            try await host.checkApplied("file.directory", data, probe: probe)
            let owners = try await host.shell(
                "find /srv/tree -printf '%u\\n' | sort -u; stat -c '%U %a' /srv/outside /srv/tree/a/1"
            )
            #expect(owners == "www-data\nroot 644\nwww-data 4755\n")

            try await host.shell(
                """
                chown -R -h root /srv/tree; chmod 4755 /srv/tree/a/1; chown daemon /srv/tree/a/b; touch /srv/tree/locked
                mount --bind /srv/tree/locked /srv/tree/locked; mount -o remount,ro,bind /srv/tree/locked
                """
            )
            let before = try await host.shell(probe)
            let outcome = try await host.run("file.directory", data)
            #expect(outcome.status == "failed" && outcome.error?.code == "read_only_file_system", "\(outcome)")
            #expect(outcome.changed == false)
            #expect(try await host.shell(probe) == before)
        }
    }

    @Test func `a full file system leaves the file as it was, and nothing beside it`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("mount -t tmpfs -o size=64k none /srv; echo old >/srv/file")
            let content = JSONValue.string(String(repeating: "x", count: 200_000))
            let outcome = try await host.run("file.deploy", ["path": "/srv/file", "content": content, "backup": true])
            #expect(outcome.status == "failed" && outcome.error?.code == "no_space", "\(outcome)")
            #expect(outcome.changed == false)
            #expect(try await host.shell("cat /srv/file; ls -A /srv") == "old\nfile\n")

            // A second name for the old file takes no room.
            let backup = try await host.run("file.deploy", ["path": "/srv/file", "content": "new\n", "backup": true])
            #expect(backup.changed == true, "\(backup)")
            #expect(try await host.shell("cat /srv/file; cat /srv/file.*~") == "new\nold\n")
        }
    }

    @Test func `what is mounted below a directory is not taken away with it`() async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                "mkdir -p '/srv/tree/a b' /srv/data; touch /srv/data/keep; mount --bind /srv/data '/srv/tree/a b'"
            )
            let data: JSONValue = ["path": "/srv/tree", "recursive": true]
            let outcome = try await host.run("file.absent", data)
            #expect(outcome.status == "failed" && outcome.error?.code == "busy", "\(outcome)")
            #expect(outcome.error?.message.contains("/srv/tree/a b") == true)
            try await host.shell("test -e /srv/data/keep; umount '/srv/tree/a b'")
            try await host.checkApplied("file.absent", data, probe: "find /srv")
            #expect(try await host.shell("ls /srv") == "data\n")
        }
    }
}
