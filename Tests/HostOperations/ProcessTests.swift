// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct ProcessTests {
    /// Starts a program that sleeps under a name of its own, and writes its number.
    private func sleeper(_ name: String, as user: String = "root", on host: ScratchHost) async throws -> Int64 {
        try await host.shell("[ -e /usr/local/bin/\(name) ] || cp /bin/sleep /usr/local/bin/\(name)")
        let pid = try await host.start("exec setpriv --reuid \(user) --clear-groups /usr/local/bin/\(name) 600")
        try await host.shell("until grep -q '(\(name.prefix(15)))' /proc/\(pid)/stat; do sleep 0.05; done")
        return pid
    }

    @Test func `processes are listed by name, user and command line`() async throws {
        try await ScratchHost.with { host in
            let pid = try await sleeper("broker-sleeper", as: "nobody", on: host)
            let long = try await sleeper("broker-has-a-long-name", on: host)
            for data: JSONValue in [
                ["name": "broker-sleeper"], ["command": "broker-sleeper 600"],
                ["user": "nobody", "command": "broker-sleeper"],
            ] {
                let outcome = try await host.run("process.list", data)
                let found = try #require(outcome.data["processes"]?.array?.first, "\(data): \(outcome)")
                #expect(outcome.data["total"] == 1 && found["pid"]?.int == pid)
                #expect(found["user"] == "nobody" && found["state"] == "sleeping")
                #expect(found["command"] == "/usr/local/bin/broker-sleeper 600")
                #expect((found["rss"]?.int ?? 0) > 0)
            }
            let named = try await host.run("process.list", ["name": "broker-has-a-long-name"])
            #expect(named.data["processes"]?.array?.first?["pid"]?.int == long)
            let first = try await host.run("process.list", ["limit": 1, "sort": "rss"])
            #expect(first.data["truncated"] == true && first.data["processes"]?.array?.count == 1)
            let one = try await host.run("process.get", ["pid": .int(pid)])
            #expect(one.data["executable"] == "/usr/local/bin/broker-sleeper" && one.data["directory"] == "/")
            let started = try #require(one.data["process"]?["started_at"]?.string.flatMap { Timestamp($0) })
            let now = try #require(try await Int64(host.shell("date +%s%3N").dropLast()))
            #expect(abs(now - started.milliseconds) < 120_000)
            let none = try await host.run("process.get", ["pid": 4_000_000])
            #expect(none.error?.code == "not_found")
        }
    }

    @Test func `a signal ends a process once`() async throws {
        try await ScratchHost.with { host in
            let pid = try await sleeper("broker-sleeper", on: host)
            let other = try await sleeper("broker-sleeper", as: "nobody", on: host)
            // Not TERM: what a test starts may have that blocked.
            let data: JSONValue = ["name": "broker-sleeper", "user": "root", "signal": "KILL", "wait": 60]
            let outcome = try await host.checkApplied("process.signal", data, probe: "kill -0 \(pid)")
            #expect(outcome.data["pids"] == [.int(pid)])
            try await host.shell("! grep -qs ') [^ZX]' /proc/\(pid)/stat && kill -0 \(other)")
        }
    }

    @Test func `a stopped process is not stopped again`() async throws {
        try await ScratchHost.with { host in
            let pid = try await sleeper("broker-sleeper", on: host)
            let state = "cut -d' ' -f3 /proc/\(pid)/stat"
            try await host.checkApplied("process.signal", ["pid": .int(pid), "signal": "STOP"], probe: state)
            let stopped = try await host.shell(state)
            #expect(stopped == "T\n")
            try await host.checkApplied("process.signal", ["pid": .int(pid), "signal": "CONT"], probe: state)
        }
    }

    @Test func `a process that has got the number of another is left alone`() async throws {
        try await ScratchHost.with { host in
            let pid = try await sleeper("broker-sleeper", on: host)
            let data: JSONValue = ["pid": .int(pid), "start_ticks": 1, "signal": "KILL"]
            let outcome = try await host.checkApplied("process.signal", data, isChange: false)
            #expect(outcome.data["pids"] == [])
            try await host.shell("kill -0 \(pid)")
            let listed = try await host.run("process.get", ["pid": .int(pid)])
            let ticks = try #require(listed.data["process"]?["start_ticks"])
            try await host.checkApplied(
                "process.signal",
                ["pid": .int(pid), "start_ticks": ticks, "signal": "KILL", "wait": 60]
            )
        }
    }

    @Test func `process 1, the agent and what it descends from are spared`() async throws {
        try await ScratchHost.with { host in
            for data: JSONValue in [["pid": 1], ["name": "a", "pid": 7], ["start_ticks": 1], [:]] {
                let outcome = try await host.run("process.signal", data)
                #expect(outcome.error?.code == "invalid_parameters", "\(outcome)")
            }
            let agent = try await host.run("process.signal", ["name": "broker-agent", "signal": "KILL"])
            #expect(agent.error?.code == "refused" && agent.changed == false, "\(agent)")
            let parent = try await host.program(
                ["sh", "-c", "/usr/bin/env \"$0\" operation run process.signal --data '{\"pid\": '$$'}'; echo alive"]
                    + ["\(Program.directory.path)/broker-agent"]
            )
            #expect(parent.output.contains("refused") && parent.output.hasSuffix("alive\n"), "\(parent)")
        }
    }

    @Test func `a process that does not end in time is told`() async throws {
        try await ScratchHost.with { host in
            let pid = try await host.start("trap '' TERM; touch /tmp/deaf; while :; do sleep 600; done")
            try await host.shell("until [ -e /tmp/deaf ]; do sleep 0.05; done")
            let outcome = try await host.run("process.signal", ["pid": .int(pid), "wait": 1])
            #expect(outcome.error?.code == "still_running" && outcome.changed == true, "\(outcome)")
        }
    }

    @Test func `a process that the kernel does not let be held is told, and not taken for ended`() async throws {
        try await ScratchHost.with { host in
            let pid = try await sleeper("broker-sleeper", on: host)
            // Has pidfd_open fail as where no more files can be open.
            try await host.shell(
                """
                cat >/tmp/filter.py <<'END'
                import ctypes, os, struct, sys
                step = lambda *parts: struct.pack('HBBI', *parts)
                # The number of the call; 434 is that of pidfd_open everywhere, and 24 is EMFILE.
                steps = step(0x20, 0, 0, 0) + step(0x15, 0, 1, 434) + step(6, 0, 0, 0x50018) + step(6, 0, 0, 0x7fff0000)
                class Program(ctypes.Structure): _fields_ = [('count', ctypes.c_ushort), ('steps', ctypes.c_char_p)]
                libc = ctypes.CDLL(None)
                libc.prctl(38, 1, 0, 0, 0)
                if libc.prctl(22, 2, ctypes.byref(Program(4, steps))) != 0: sys.exit('no filter')
                os.execv(sys.argv[1], sys.argv[1:])
                END
                """
            )
            let answer = try await host.program(
                ["python3", "/tmp/filter.py", "\(Program.directory.path)/broker-agent", "operation", "run"]
                    + ["process.signal", "--data", "{\"pid\": \(pid), \"signal\": \"KILL\"}"]
            )
            let outcome = try JSON.decode(ScratchHost.Outcome.self, from: Array(answer.output.utf8))
            #expect(outcome.status == "failed" && outcome.changed == false, "\(answer)")
            #expect(outcome.error?.message.contains("\(pid)") == true, "\(answer)")
            try await host.shell("kill -0 \(pid)")
        }
    }
}
