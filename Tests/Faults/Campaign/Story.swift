// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// All that is known about one job, to be read by people.
struct Story: CustomStringConvertible {
    let description: String

    /// Tells of the job with a marker.
    init(of marker: String, _ evidence: Evidence, _ campaign: Campaign) {
        var lines = ["--- the story of \(marker)"]
        for submission in evidence.submissions where submission.marker == marker {
            lines.append("client: \(submission.answer), hosts \(submission.hosts.map(String.init) ?? "?")")
        }
        for trace in evidence.traces where trace.marker == marker { lines.append("executed: \(trace)") }
        for record in evidence.records where record.job.note == marker {
            lines.append("\(record.job)")
            lines += record.runs.map { "  \($0)" }
            lines += record.timeline.map {
                "  \($0.timestamp) \($0.event) \($0.hostname ?? "") \($0.message ?? "") \($0.error?.code ?? "")"
            }
            for (hostname, ledger) in evidence.ledgers {
                lines += ledger.filter { $0.jobID == record.job.id }.map { "  ledger of \(hostname): \($0)" }
            }
            lines += Self.deeds(around: record, campaign).map { "  \($0)" }
            lines += Self.log(of: record.job.id, campaign.deployment.directory)
        }
        description = lines.joined(separator: "\n")
    }

    private static func deeds(around record: Evidence.Record, _ campaign: Campaign) -> [String] {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let start = try? format.parse(record.job.createdAt),
            let end = try? format.parse(record.timeline.last?.timestamp ?? record.job.createdAt)
        else { return [] }
        return campaign.journal.lines(from: start - 15, to: end + 15)
    }

    private static func log(of id: String, _ directory: URL) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "log" }.flatMap { file in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.contains(id) }.map { "  \(file.lastPathComponent): \($0)" }
        }
    }
}
