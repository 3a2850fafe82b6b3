// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(15)))
struct LogTests {
    private func messages(_ outcome: ScratchHost.Outcome) -> [String] {
        (outcome.data["entries"]?.array ?? []).compactMap { $0["message"]?.string }
    }

    @Test func `the last lines of a file are told`() async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                "seq 1 200000 | sed 's/^/line /' >/var/log/test.log; printf 'last' >>/var/log/test.log"
            )
            let last = try await host.run("log.query", ["path": "/var/log/test.log", "lines": 3])
            #expect(messages(last) == ["line 199999", "line 200000", "last"])
            #expect(last.data["truncated"] == true)
            let found = try await host.run("log.query", ["path": "/var/log/test.log", "pattern": "^line 1?7$"])
            #expect(messages(found) == ["line 7", "line 17"] && found.data["truncated"] == false)
            let none = try await host.run("log.query", ["path": "/var/log/test.log", "pattern": "no such"])
            #expect(messages(none).isEmpty && none.status == "completed")
        }
    }

    @Test func `no file, a directory and a pattern that is none are told`() async throws {
        try await ScratchHost.with { host in
            let missing = try await host.run("log.query", ["path": "/var/log/no-such.log"])
            let directory = try await host.run("log.query", ["path": "/var/log"])
            let pattern = try await host.run("log.query", ["path": "/var/log/dpkg.log", "pattern": "("])
            let mixed = try await host.run("log.query", ["path": "/var/log/dpkg.log", "since": "15m"])
            let time = try await host.run("log.query", ["since": "yesterday"])
            #expect(missing.error?.code == "not_found" && directory.error?.code == "not_a_file")
            for outcome in [pattern, mixed, time] { #expect(outcome.error?.code == "invalid_parameters", "\(outcome)") }
            try await host.shell("rm -rf /var/log/journal /run/log/journal")
            let journal = try await host.run("log.query")
            #expect(journal.status == "skipped")
        }
    }

    /// No systemd runs on a scratch host: a journal is made of entries in the export format by systemd's own program.
    @Test func `a journal is asked`() async throws {
        try await ScratchHost.with { host in
            try await host.install("systemd-journal-remote")
            try await host.shell(
                """
                rm -rf /var/log/journal /run/log/journal; mkdir -p /var/log/journal/$(cat /etc/machine-id)
                entry() {
                    echo "__REALTIME_TIMESTAMP=$1"; echo "__MONOTONIC_TIMESTAMP=$((${1#1795} / 1000))"
                    echo "_BOOT_ID=00000000000000000000000000000001"; echo "_MACHINE_ID=$(cat /etc/machine-id)"
                    echo "_SYSTEMD_UNIT=$2"; echo "PRIORITY=$3"; echo "SYSLOG_IDENTIFIER=tool"; echo "_PID=42"
                    echo "MESSAGE=$4"; echo
                }
                { entry 1795249800125000 a.service 6 "first"; entry 1795249860000000 b.service 3 "Second"
                  entry 1795249920000000 a.service 3 "third" ; } |
                    /lib/systemd/systemd-journal-remote -o /var/log/journal/$(cat /etc/machine-id)/system.journal - 2>&1
                """
            )
            let all = try await host.run("log.query")
            #expect(messages(all) == ["first", "Second", "third"], "\(all)")
            #expect(
                all.data["entries"]?.array?.first == [
                    "message": "first", "time": "2026-11-21T08:30:00.125Z", "unit": "a.service", "identifier": "tool",
                    "pid": 42, "priority": "info",
                ]
            )
            for (data, expected) in [
                (["unit": "a.service"], ["first", "third"]), (["priority": "err"], ["Second", "third"]),
                (["lines": 1], ["third"]), (["pattern": "[Ss]econd"], ["Second"]), (["pattern": "second"], []),
                (["since": "2026-11-21T08:31:00Z"], ["Second", "third"]),
                (["until": "2026-11-21T09:31:30+01:00"], ["first", "Second"]),
            ] as [(JSONValue, [String])] {
                let outcome = try await host.run("log.query", data)
                #expect(messages(outcome) == expected, "\(data): \(outcome)")
            }
            let one = try await host.run("log.query", ["lines": 1])
            #expect(one.data["truncated"] == true && all.data["truncated"] == false)
        }
    }
}
