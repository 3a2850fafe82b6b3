// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// A value in a line of an export; nil where it is not known yet, or there is none.
enum ExportCell: Sendable {
    case text(String?)
    case number(Int?)
    case flag(Bool?)
    case time(Timestamp?)
    /// A value of any shape, which a cell of a spreadsheet has as JSON.
    case json(JSONValue)
}

/// A column of an export: the same in every format, and in this order.
struct ExportColumn<Record>: Sendable {
    let name: String
    let cell: @Sendable (Record) -> ExportCell

    init(_ name: String, _ cell: @escaping @Sendable (Record) -> ExportCell) {
        self.name = name
        self.cell = cell
    }
}

/// The columns of the tables that are exported.
enum ExportColumns {
    /// A line a job.
    static let jobs: [ExportColumn<Job>] = [
        ExportColumn("job_id") { .text($0.id.description) },
        ExportColumn("operation") { .text($0.operation.type) },
        ExportColumn("status") { .text($0.status.rawValue) },
        ExportColumn("changed") { .flag($0.changed) },
        ExportColumn("created_at") { .time($0.createdAt) },
        ExportColumn("started_at") { .time($0.startedAt) },
        ExportColumn("completed_at") { .time($0.completedAt) },
        ExportColumn("target") { .text($0.target) },
        ExportColumn("created_by") { .text($0.createdBy) },
        ExportColumn("agents_total") { .number($0.agentsTotal) },
        ExportColumn("agents_completed") { .number($0.agentsCompleted) },
        ExportColumn("agents_failed") { .number($0.agentCounts.notWell) },
        ExportColumn("agents_changed") { .number($0.agentsChanged) },
        ExportColumn("error_code") { .text($0.error?.code) },
        ExportColumn("error_message") { .text($0.error?.message) },
        // As records show them: what is sealed is nobody's to read.
        ExportColumn("parameters") { .json($0.operation.data.withoutSealed) },
    ]

    /// A line a run.
    static let runs: [ExportColumn<ListedRun>] = [
        ExportColumn("job_id") { .text($0.run.jobID.description) },
        ExportColumn("hostname") { .text($0.run.hostname) },
        ExportColumn("agent_id") { .text($0.run.agentID.text) },
        ExportColumn("operation") { .text($0.operation) },
        ExportColumn("status") { .text($0.run.state.rawValue) },
        ExportColumn("changed") { .flag($0.run.changed) },
        ExportColumn("attempt") { .number($0.run.attempt) },
        ExportColumn("created_at") { .time($0.createdAt) },
        ExportColumn("acknowledged_at") { .time($0.run.acknowledgedAt) },
        ExportColumn("started_at") { .time($0.run.startedAt) },
        ExportColumn("completed_at") { .time($0.run.completedAt) },
        ExportColumn("duration_ms") { .number($0.run.durationMilliseconds) },
        ExportColumn("exit_code") { .number($0.exitCode) },
        ExportColumn("error_code") { .text($0.run.error?.code) },
        ExportColumn("error_message") { .text($0.run.error?.message) },
    ]
}
