// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs

/// What figures are worth nothing without: the machine, its disk, and how this program was built.
enum MachineFacts {
    static func collect(directory: String? = nil) throws -> JSONValue {
        let directory = directory ?? FileManager.default.temporaryDirectory.path
        return [
            "cpus": .int(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            "model": .string(field("model name", of: "/proc/cpuinfo") ?? "unknown"),
            "memory_mib": .int((kibibytes("MemTotal", of: "/proc/meminfo") ?? 0) / 1024),
            "kernel": .string(kernel),
            "load": .string(text(of: "/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")),
            "fsync_p50_ms": .double(try fsync(directory: directory).percentile(0.5).rounded(to: 4)),
            "nng": .string(LibraryVersions.nng),
            "sqlite": .string(LibraryVersions.sqlite),
            "build": .string(build),
        ]
    }

    /// How this program was built; figures of a debug build say nothing.
    static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    /// How long it takes to have 4 KiB more of a file on the disk.
    static func fsync(directory: String, times: Int = 100) throws -> Sample {
        let path = "\(directory)/broker-bench-fsync-\(UUID().uuidString)"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchError("\(path): \(String(cString: strerror(errno)))") }
        defer {
            close(file)
            unlink(path)
        }
        let page = [UInt8](repeating: 0x5A, count: 4096)
        var measured: [Duration] = []
        for _ in 0..<times {
            let start = ContinuousClock.now
            guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
                throw BenchError("\(path): \(String(cString: strerror(errno)))")
            }
            measured.append(ContinuousClock.now - start)
        }
        return Sample(measured)
    }

    // MARK: Files of the kernel

    static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func field(_ name: String, of path: String) -> String? {
        for line in text(of: path).split(separator: "\n") where line.hasPrefix(name) {
            return line.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " || $0 == "\t" }) }
        }
        return nil
    }

    static func kibibytes(_ name: String, of path: String) -> Int64? {
        field(name + ":", of: path)?.split(separator: " ").first.flatMap { Int64($0) }
    }

    private static var kernel: String {
        text(of: "/proc/sys/kernel/osrelease").filter { !$0.isWhitespace }
    }
}

/// What a process takes of the memory.
struct ProcessMemory: Sendable {
    /// All that is in memory, shared pages of files included, in MiB.
    let resident: Double
    /// What is the process's own, in MiB.
    let anonymous: Double

    /// The memory of a process now; nil where it cannot be seen.
    init?(of pid: pid_t?) {
        guard let pid else { return nil }
        let path = "/proc/\(pid)/smaps_rollup"
        guard let resident = MachineFacts.kibibytes("Rss", of: path),
            let anonymous = MachineFacts.kibibytes("Anonymous", of: path)
        else { return nil }
        self.resident = Double(resident) / 1024
        self.anonymous = Double(anonymous) / 1024
    }
}
