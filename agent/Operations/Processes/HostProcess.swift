// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A process of the host, as /proc has it.
struct HostProcess: Sendable {
    let pid: pid_t
    let parent: pid_t
    /// The kernel's name of it: at most 15 bytes.
    let name: String
    /// The effective user.
    let uid: UInt32
    /// The letter of its state.
    let state: Character
    /// Its program and arguments; empty for a thread of the kernel.
    let arguments: [String]
    /// Bytes that it holds in memory.
    let rss: Int64
    let cpuMilliseconds: Int64
    let threads: Int64
    /// When it was started, in ticks since the host was.
    ///
    /// With the number this names one process as long as the host runs.
    let startTicks: Int64

    /// Most bytes of a command line that are read.
    private static let commandLimit = 4096

    /// Reads of a process; nil where there is none.
    init?(_ pid: pid_t, root: String = "/proc") {
        guard let stat = HostFile.read("\(root)/\(pid)/stat"), let nameStart = stat.firstIndex(of: "("),
            let nameEnd = stat.lastIndex(of: ")"), nameStart < nameEnd
        else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 21, let state = fields[0].first, let parent = pid_t(fields[1]) else { return nil }
        let numbers = fields.map { Int64($0) ?? 0 }
        self.pid = pid
        self.parent = parent
        self.state = state
        name = String(stat[stat.index(after: nameStart)..<nameEnd])
        cpuMilliseconds = (numbers[11] + numbers[12]) * 1000 / Self.ticksPerSecond
        threads = numbers[17]
        startTicks = numbers[19]
        rss = numbers[21] * Int64(sysconf(Int32(_SC_PAGESIZE)))
        uid = Self.effectiveUser(HostFile.read("\(root)/\(pid)/status") ?? "")
        let line = HostFile.read("\(root)/\(pid)/cmdline", limit: Self.commandLimit) ?? ""
        arguments = line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }

    /// The processes of the host by number.
    static func all() -> [HostProcess] {
        HostListing.names(in: "/proc", limit: .max).compactMap(pid_t.init).sorted().compactMap { HostProcess($0) }
    }

    /// Whether it can still act.
    var isAlive: Bool { state != "Z" && state != "X" }

    /// Whether it belongs to the kernel: such a one heeds no signal.
    var isKernel: Bool { pid == 2 || parent == 2 }

    /// The command line in one text.
    var command: String {
        let line = arguments.joined(separator: " ")
        let end = line.lastIndex { $0 != " " }
        return end.map { String(line[...$0]) } ?? "[\(name)]"
    }

    /// Whether this is the name of it: that of the kernel, or where that is cut, the file name of its program.
    func isCalled(_ wanted: String) -> Bool {
        guard wanted.utf8.count > 15 else { return name == wanted }
        return wanted.hasPrefix(name) && name.utf8.count == 15
            && arguments.prefix(2).contains { $0.split(separator: "/").last.map(String.init) == wanted }
    }

    /// What is told of it.
    ///
    /// - Parameter users: knows the names of users.
    /// - Returns: an object.
    func told(_ users: inout UserNames) -> JSONValue {
        [
            "pid": .int(Int64(pid)), "ppid": .int(Int64(parent)), "name": .string(name), "uid": .int(Int64(uid)),
            "user": .string(users.name(of: uid)), "state": .string(Self.states[state] ?? String(state)),
            "command": .string(command), "rss": .int(rss), "cpu_ms": .int(cpuMilliseconds), "threads": .int(threads),
            "start_ticks": .int(startTicks), "started_at": .string(startedAt.description),
        ]
    }

    private var startedAt: Timestamp {
        Timestamp(milliseconds: Self.bootMilliseconds + startTicks * 1000 / Self.ticksPerSecond)
    }

    private static let ticksPerSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// When the host was started: milliseconds since 1970; whole seconds, so that it is the same each time.
    private static let bootMilliseconds: Int64 = {
        let lines = HostFile.read("/proc/stat", limit: 1_048_576)?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("btime ") }
        return (line?.split(separator: " ").last.flatMap { Int64($0) } ?? 0) * 1000
    }()

    private static let states: [Character: String] = [
        "R": "running", "S": "sleeping", "D": "waiting", "T": "stopped", "t": "traced", "Z": "zombie", "X": "dead",
        "I": "idle",
    ]

    private static func effectiveUser(_ status: String) -> UInt32 {
        let line = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst(2).first.flatMap { UInt32($0) } ?? 0
    }
}
