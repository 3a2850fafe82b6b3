// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// What the kernel tells of this process, under the names that all Prometheus clients use.
package struct ProcessFigures: MetricsSource {
    package let metricsName = "process"
    private let files: String
    private let ticks: Double
    private let pageBytes: Double

    /// Makes a source.
    package init() {
        self.init(files: "/proc")
    }

    /// Makes a source that reads another directory than `/proc`.
    init(files: String) {
        self.files = files
        ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The figures of now.
    ///
    /// - Throws: where `/proc` cannot be read.
    package func metrics() async throws -> [MetricFamily] {
        let stat = try ProcessStat(try text("self/stat"))
        let bootTime = try ProcessStat.bootTime(try text("stat"))
        let open = try FileManager.default.contentsOfDirectory(atPath: files + "/self/fd").count
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let most = Double(limit.rlim_cur)
        return [
            single(
                "process_cpu_seconds_total",
                "Processor time of the process, user and system, in seconds.",
                .counter,
                Double(stat.cpuTicks) / ticks
            ),
            single(
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM, in bytes.",
                .gauge,
                Double(stat.residentPages) * pageBytes
            ),
            single(
                "process_virtual_memory_bytes",
                "Address space of the process, in bytes.",
                .gauge,
                Double(stat.virtualBytes)
            ),
            single(
                "process_start_time_seconds",
                "When the process was started, in seconds since 1970 (UTC).",
                .gauge,
                Double(bootTime) + Double(stat.startTicks) / ticks
            ),
            single("process_open_fds", "Open files and sockets of the process.", .gauge, Double(open)),
            single("process_max_fds", "The most open files and sockets of the process.", .gauge, most),
        ]
    }

    private func single(
        _ name: String,
        _ help: String,
        _ kind: MetricFamily.Kind,
        _ value: Double
    ) -> MetricFamily {
        MetricFamily(name, help, kind, [.init(value)])
    }

    private func text(_ file: String) throws -> String {
        // Files of /proc have no size beforehand: they are read to their end.
        String(decoding: try Data(contentsOf: URL(filePath: "\(files)/\(file)")), as: UTF8.self)
    }
}
