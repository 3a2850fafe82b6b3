// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs

/// What processes take that have nothing to do, one on average.
struct IdleMeasurement: Sendable {
    let pids: [Int32]
    let duration: Duration

    /// Waits, and compares.
    func measure() async throws -> Figures {
        let before = pids.map(Self.ticks)
        let start = ContinuousClock.now
        try await Task.sleep(for: duration)
        let seconds = (ContinuousClock.now - start).inSeconds
        let used = zip(pids, before).map { Self.ticks(of: $0) - $1 }.reduce(0, +)
        let memory = pids.compactMap { ProcessMemory(of: $0)?.resident }
        var figures = Figures("idle", [("processes", .int(Int64(pids.count)))])
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        figures.set("cpu_percent", used / perSecond / seconds / Double(max(1, pids.count)) * 100)
        figures.set("mib", memory.reduce(0, +) / Double(max(1, memory.count)))
        return figures
    }

    /// The processor time of a process; 0 for one that is gone.
    private static func ticks(of pid: Int32) -> Double {
        let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") ?? Data()
        // Behind the name of the program, which may hold anything.
        let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return user + system
    }
}
