// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Glibc
import Jobs

/// How quickly jobs and runs are exported, and what memory the controller takes meanwhile.
struct ExportMeasurement: Sendable {
    /// How many jobs, about: the newest.
    var jobs: Int

    /// Exports what there is, in each form.
    func measure(_ testbed: Testbed) async throws -> Figures {
        var figures = Figures("export", [("jobs", .int(Int64(jobs)))])
        guard let filter = try await filter(testbed.client) else { return figures }
        let before = ProcessMemory(of: testbed.pid)
        var most = before?.anonymous ?? 0
        for (rows, format) in [(JobExport.Rows.jobs, JobExport.Format.csv), (.jobs, .ndjson), (.runs, .csv)] {
            let start = ContinuousClock.now
            let (lines, bytes, memory) = try await export(filter, rows, format, testbed)
            let name = "\(rows)_\(format)"
            figures.set("\(name)_rows", Double(lines))
            figures.set("\(name)_rows_per_second", Double(lines) / (ContinuousClock.now - start).inSeconds)
            figures.set("\(name)_bytes_per_row", Double(bytes) / Double(max(1, lines)))
            most = max(most, memory)
        }
        if let before { figures.set("growth_mib", most - before.anonymous) }
        return figures
    }

    /// The time of the newest jobs.
    private func filter(_ client: BrokerClient) async throws -> JobFilter? {
        let page = try await client.jobs(limit: 1)
        let depth = min(jobs, page.totalItems ?? 0) - 1
        guard let newest = page.items.first,
            let oldest = try await client.jobs(limit: 1, from: .offset(max(0, depth))).items.first
        else { return nil }
        var filter = JobFilter()
        filter.from = oldest.createdAt
        filter.to = newest.createdAt + .seconds(1)
        return filter
    }

    /// Exports once.
    ///
    /// - Returns: the lines and bytes, and the most memory of the controller that was seen, in MiB.
    private func export(
        _ filter: JobFilter,
        _ rows: JobExport.Rows,
        _ format: JobExport.Format,
        _ testbed: Testbed
    ) async throws -> (lines: Int, bytes: Int, memory: Double) {
        var (lines, bytes, most) = (format == .csv ? -1 : 0, 0, 0.0)
        var looked = ContinuousClock.now
        for try await piece in try await testbed.client.exportJobs(filter, rows: rows, format: format) {
            bytes += piece.count
            // Nothing that this program makes up has a line break in it.
            lines += piece.count { $0 == UInt8(ascii: "\n") }
            guard looked.duration(to: .now) > .milliseconds(20) else { continue }
            most = max(most, ProcessMemory(of: testbed.pid)?.anonymous ?? 0)
            looked = .now
        }
        return (lines, bytes, most)
    }
}
