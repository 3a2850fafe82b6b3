// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// One thing that jobs are selected by.
enum JobTerm {
    /// In one of these statuses.
    case status([JobStatus])
    /// Of one of these operations.
    case operation([String])
    case change(JobFilter.Change)
    case creator(String)
    case origin(JobID)
    case label(String, String)
    /// With a run on a host; of one of these states, or of any if there are none.
    case agent(String, [RunState])
    /// With an id within a range; only to be looked at.
    case id(ClosedRange<JobID>)

    /// What a statement goes through: entries of an index that ends in the key of a job.
    struct Branch {
        /// What comes after FROM.
        let source: String
        /// The column with the key.
        let key: String
        /// What must be equal, so that the rest of the index is in the order of keys.
        let condition: String
        let arguments: [any SQLValue]
        /// Whether a job can be found more than once.
        var isRepeating = false
        /// The column that leads from an entry to its job, where the index does not know which jobs are deleted.
        var join: String?

        /// The same with the jobs that are deleted and whose entries are still there; nil where the index leaves them out.
        var withDeleted: Branch? {
            guard join != nil else { return nil }
            var branch = self
            branch.join = nil
            return branch
        }

        /// All jobs.
        static var all: Branch {
            Branch(
                source: "jobs j INDEXED BY jobs_in_order",
                key: "j.job",
                condition: "j.is_deleted = 0",
                arguments: []
            )
        }

        /// The statement that gives the keys within two bounds of the jobs that fit more conditions.
        ///
        /// - Parameters:
        ///   - more: what else jobs have to fit.
        ///   - isAlone: whether nothing else takes out what is found more than once.
        /// - Returns: the text.
        func keys(_ more: [Condition], isAlone: Bool) -> String {
            "SELECT \(key) FROM \(selected(more))" + (isRepeating && isAlone ? " GROUP BY \(key)" : "")
        }

        /// The statement that counts what ``keys(_:isAlone:)`` finds, if it finds nothing more than once.
        func count(_ more: [Condition]) -> String { "SELECT count(*) FROM \(selected(more))" }

        private func selected(_ more: [Condition]) -> String {
            let all = ["\(condition) AND \(key) >= ? AND \(key) <= ?"] + more.map(\.text)
            let joined = join.map { (" CROSS JOIN jobs j ON j.job = \($0)", " AND j.is_deleted = 0") } ?? ("", "")
            return "\(source)\(joined.0) WHERE \(all.joined(separator: " AND "))\(joined.1)"
        }
    }

    /// What a job is looked at for, `jobs` being `j`.
    struct Condition {
        let text: String
        let arguments: [any SQLValue]
    }

    /// Whether the kept numbers of jobs are by this.
    var isCounted: Bool {
        switch self {
        case .status, .operation, .change: true
        case .creator, .origin, .label, .agent, .id: false
        }
    }

    /// Whether jobs that are counted so fit; only where ``isCounted``.
    func contains(_ key: JobCountKey) -> Bool {
        switch self {
        case .status(let statuses): statuses.contains(key.status)
        case .operation(let types): types.contains(key.operation)
        case .change(let change): change.flag == key.changed
        case .creator, .origin, .label, .agent, .id: false
        }
    }

    /// Whether two branches can give the same job: one with two runs on hosts whose names differ in upper and lower case.
    var isOverlapping: Bool {
        if case .agent = self { true } else { false }
    }

    /// What a statement has to go through and merge; empty where it can only look.
    var branches: [Branch] {
        switch self {
        case .status(let statuses): statuses.map { Self.branch("jobs_by_status", "j.status = ?", [$0.rawValue]) }
        case .operation(let types): types.map { Self.branch("jobs_by_operation", "j.operation_type = ?", [$0]) }
        case .change(let change): [Self.branch("jobs_by_change", "j.changed IS ?", [change.flag])]
        case .creator(let name):
            // The index has the status between, for the numbers of those who may see nothing else.
            JobStatus.allCases.map { status in
                Self.branch("jobs_by_creator", "j.created_by = ? AND j.status = ?", [name, status.rawValue])
            }
        case .origin(let id): [Self.branch("jobs_by_origin", "j.retry_of = ?", [id.stored])]
        case .label(let name, let value):
            [
                Branch(
                    source: "job_labels l",
                    key: "l.job",
                    condition: "l.name = ? AND l.value = ?",
                    arguments: [name, value],
                    join: "l.job"
                )
            ]
        case .agent(let hostname, let states):
            states.isEmpty
                ? [Self.runs("runs_by_host", "", hostname, [])]
                : states.map { state in
                    state == .completed
                        ? Self.runs("runs_by_host", "AND r.state = 'completed'", hostname, [])
                        : Self.runs(
                            "uncompleted_runs_by_host",
                            "AND r.state = ? AND r.state <> 'completed'",
                            hostname,
                            [state.rawValue]
                        )
                }
        case .id: []
        }
    }

    private static func branch(_ index: String, _ condition: String, _ arguments: [any SQLValue]) -> Branch {
        Branch(
            source: "jobs j INDEXED BY \(index)",
            key: "j.job",
            condition: "j.is_deleted = 0 AND \(condition)",
            arguments: arguments
        )
    }

    private static func runs(
        _ index: String,
        _ condition: String,
        _ hostname: String,
        _ more: [any SQLValue]
    ) -> Branch {
        Branch(
            source: "runs r INDEXED BY \(index)",
            key: "r.job",
            condition: "r.hostname = ? COLLATE NOCASE \(condition)",
            arguments: [hostname] + more,
            isRepeating: true,
            join: "r.job"
        )
    }

    /// What a job is looked at for.
    var condition: Condition {
        switch self {
        case .status(let statuses): Self.one(of: statuses.map(\.rawValue), "j.status")
        case .operation(let types): Self.one(of: types, "j.operation_type")
        case .change(let change): Condition(text: "j.changed IS ?", arguments: [change.flag])
        case .creator(let name): Condition(text: "j.created_by = ?", arguments: [name])
        case .origin(let id): Condition(text: "j.retry_of = ?", arguments: [id.stored])
        case .id(let ids):
            Condition(text: "j.id BETWEEN ? AND ?", arguments: [ids.lowerBound.stored, ids.upperBound.stored])
        case .label(let name, let value):
            Condition(
                text: "EXISTS (SELECT 1 FROM job_labels m WHERE m.name = ? AND m.value = ? AND m.job = j.job)",
                arguments: [name, value]
            )
        case .agent(let hostname, let states): Self.run(on: hostname, states)
        }
    }

    private static func run(on hostname: String, _ states: [RunState]) -> Condition {
        let state = states.isEmpty ? nil : one(of: states.map(\.rawValue), "s.state")
        return Condition(
            text: """
                EXISTS (SELECT 1 FROM runs s INDEXED BY runs_by_host
                    WHERE s.hostname = ? COLLATE NOCASE AND s.job = j.job\(state.map { " AND \($0.text)" } ?? ""))
                """,
            arguments: [hostname] + (state?.arguments ?? [])
        )
    }

    private static func one(of values: [String], _ column: String) -> Condition {
        let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
        return Condition(text: "\(column) IN (\(places))", arguments: values)
    }
}

extension JobFilter.Change {
    /// As the change of a job is stored.
    var flag: Bool? {
        switch self {
        case .changed: true
        case .unchanged: false
        case .unknown: nil
        }
    }
}
