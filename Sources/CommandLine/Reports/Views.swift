// SPDX-License-Identifier: Apache-2.0

package import BrokerClient
package import Jobs

extension RecordView where Record == Run {
    /// Runs: a line per host.
    package static let runs = RecordView([
        .text("host") { $0.hostname },
        .text("agent_id", in: .csv) { $0.agentID.text },
        .text("status", { $0.state.rawValue }, cell: { Table.Cell($0.state.words, Ink($0.state)) }),
        .number("attempt", in: .csv) { Int64($0.attempt) },
        .text("changed", { $0.changed.map(String.init) }, cell: { Table.Cell(yesOrNo($0.changed)) }),
        .number("exit") { $0.exitCode },
        .number("duration_ms", in: .csv) { $0.tookMilliseconds },
        .cell(.number("took")) { Table.Cell($0.tookMilliseconds.map { Duration.milliseconds($0).brief }) },
        .text("error_code", in: .csv) { $0.error?.code },
        .text("error", { $0.error?.message }, cell: { $0.remark }),
        .text("stdout", in: .csv) { $0.data?["stdout"]?.string },
        .text("stdout_encoding", in: .csv) { $0.data?["stdout_encoding"]?.string },
        .text("stdout_truncated", in: .csv) { $0.data?["stdout_truncated"]?.bool.map(String.init) },
        .text("stderr", in: .csv) { $0.data?["stderr"]?.string },
        .text("stderr_encoding", in: .csv) { $0.data?["stderr_encoding"]?.string },
        .text("stderr_truncated", in: .csv) { $0.data?["stderr_truncated"]?.bool.map(String.init) },
        .text("digest", in: .csv) { $0.digest?.description },
    ])
}

extension RecordView where Record == RunGroup {
    /// Runs by their results: a line for each.
    package static let groups = RecordView([
        .number("count") { Int64($0.count) },
        .text("status", { $0.status.rawValue }, cell: { Table.Cell($0.status.words, Ink($0.status)) }),
        .number("exit") { $0.exitCode.map(Int64.init) },
        .text("changed", { $0.changed.map(String.init) }, cell: { Table.Cell(yesOrNo($0.changed)) }),
        .text("error_code", in: .csv) { $0.errorCode },
        .text("digest", in: .csv) { $0.digest?.description },
        .text("hosts", { $0.sampleHostnames.joined(separator: " ") }, cell: { Table.Cell($0.hosts) }),
        .text("excerpt", { $0.excerpt }, cell: { Table.Cell($0.excerpt.map(shortened)) }),
    ])

    /// The lines of an excerpt in one, without the break at its end.
    private static func shortened(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "⏎")
    }
}

extension RunGroup {
    /// The hosts that are named, and how many there are besides.
    fileprivate var hosts: String {
        let names = sampleHostnames.joined(separator: " ")
        return count > sampleHostnames.count ? "\(names) +\(count - sampleHostnames.count)" : names
    }
}

extension Run {
    /// What the last column of its line says: its error, or why nothing was run.
    fileprivate var remark: Table.Cell {
        if let errorLine { return Table.Cell(errorLine, isNotWell ? .bad : .plain) }
        return Table.Cell(skippedBecause.map { "nothing run: \($0)" }, .notice)
    }
}

extension RecordView where Record == Job {
    /// Jobs: a line each.
    package static let jobs = RecordView([
        .text("id") { $0.id.description },
        .text("status", { $0.status.rawValue }, cell: { Table.Cell($0.status.words, Ink($0.status)) }),
        .text("created_at", in: .csv) { $0.createdAt.description },
        .cell(.text("created")) { Table.Cell($0.createdAt.brief) },
        .text("completed_at", in: .csv) { $0.completedAt?.description },
        .number("hosts") { Int64($0.agentsTotal) },
        .number("done") { Int64($0.agentsCompleted) },
        .number("not_well") { Int64($0.agentCounts.notWell) },
        .number("agents_changed", in: .csv) { Int64($0.agentsChanged) },
        .text("created_by", in: .csv) { $0.createdBy },
        .text(
            "operation",
            { $0.operation.type },
            cell: { Table.Cell($0.dryRun ? "\($0.operation.type) (dry run)" : $0.operation.type) }
        ),
        .text("target") { $0.target },
        .text("note") { $0.note },
        .text("labels", in: .csv) { $0.labelsInWords },
        .text("error_code", in: .csv) { $0.error?.code },
        .text("error_message", in: .csv) { $0.error?.message },
        .text("dry_run", in: .csv) { String($0.dryRun) },
    ])
}

extension Job {
    /// Its labels, `name=value` each; nil where there are none.
    var labelsInWords: String? {
        labels.isEmpty ? nil : labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

extension RecordView where Record == Agent {
    /// Agents: a line each.
    package static let agents = RecordView([
        .text("host") { $0.hostname },
        .text("id", in: .csv) { $0.id.text },
        .text(
            "connected",
            { String($0.connected) },
            cell: { Table.Cell(yesOrNo($0.connected), $0.connected ? .good : .bad) }
        ),
        .text(
            "last_seen_at",
            { $0.lastSeenAt.description },
            cell: { Table.Cell($0.lastSeenAt.brief) }
        ),
        .text("first_seen_at", in: .csv) { $0.firstSeenAt.description },
        .text("drained", { String($0.drain != nil) }, cell: { Table.Cell($0.drain == nil ? nil : "yes", .notice) }),
        .text("version") { $0.version },
        .text("certificate_expires_at", in: .csv) { $0.certificateExpiresAt?.description },
        .text("labels") { $0.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") },
    ])
}

extension RecordView where Record == SelectedAgent {
    /// Agents that an expression selects: a line each.
    package static let selected = RecordView([
        .text("host") { $0.hostname },
        .text("id", in: .csv) { $0.id.text },
        .text(
            "connected",
            { String($0.connected) },
            cell: { Table.Cell(yesOrNo($0.connected), $0.connected ? .good : .bad) }
        ),
    ])
}

extension RecordView where Record == OperationDescriptor {
    /// Operations: a line each.
    package static let operations = RecordView([
        .text("operation") { $0.type },
        .text("kind") { $0.kind.rawValue },
        .text("summary") { $0.summary },
        .text("schema", in: .csv) { $0.schema.brief },
    ])
}
