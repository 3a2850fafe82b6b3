// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

/// What jobs are counted by: the kept numbers of `job_counts` answer for every selection by these.
struct JobCountKey: Hashable {
    let operation: String
    let status: JobStatus
    /// Whether hosts were changed; nil where nothing is known.
    let changed: Bool?
}

/// By how many the runs of a job with an error of some code have become more.
struct ErrorChange {
    var difference = 0
    /// What one of them said.
    let message: String

    init(_ error: RunError) {
        message = String(error.message.unicodeScalars.prefix(Self.messageLength))
    }

    /// The run itself has the whole text.
    private static let messageLength = 1024
}

extension StoreTransaction {
    /// Changes a number of jobs.
    func count(_ key: JobCountKey, by difference: Int) throws {
        let changed = key.changed.map { $0 ? 1 : 0 } ?? -1
        // Not an upsert: its row would have to be within the bounds by itself, and a difference may be negative.
        try db.query(
            "UPDATE job_counts SET number = number + ? WHERE operation_type = ? AND status = ? AND changed = ?"
        ).with(difference).with(key.operation).with(key.status.rawValue).with(changed).execute()
        guard db.changesCount == 0 else { return }
        try db.query("INSERT INTO job_counts (operation_type, status, changed, number) VALUES (?, ?, ?, ?)")
            .with(key.operation).with(key.status.rawValue).with(changed).with(difference).execute()
    }

    /// Counts errors of runs, and finds out which is the commonest.
    ///
    /// That is known from the changed numbers alone, unless the commonest has become less common. Of two that are as common
    /// as each other, the one stays that was it before.
    func count(_ changes: [String: ErrorChange], of job: inout JobProgress) throws {
        var needsLook = false
        for (code, change) in changes.sorted(by: { $0.key < $1.key }) where change.difference != 0 {
            let error = try count(code, change, of: job.key)
            if code == job.error?.code {
                needsLook = needsLook || change.difference < 0
                job.error = error
            } else if error.agents > job.error?.agents ?? 0 {
                job.error = error
            }
        }
        if needsLook { job.error = try commonestError(of: job.key) }
    }

    private func count(_ code: String, _ change: ErrorChange, of job: Int64) throws -> JobError {
        let update = try db.query(
            "UPDATE job_errors SET number = number + ? WHERE job = ? AND code = ? RETURNING message, number"
        )
        let counted = try update.with(change.difference).with(job).with(code)
            .all { JobError(code: code, message: $0[0], agents: $0[1]) }
        if let counted = counted.first { return counted }
        try db.query("INSERT INTO job_errors (job, code, message, number) VALUES (?, ?, ?, ?)")
            .with(job).with(code).with(change.message).with(change.difference).execute()
        return JobError(code: code, message: change.message, agents: change.difference)
    }

    private func commonestError(of job: Int64) throws -> JobError? {
        let errors = try db.query("SELECT code, message, number FROM job_errors WHERE job = ? AND number > 0")
            .with(job).all { JobError(code: $0[0], message: $0[1], agents: $0[2]) }
        return errors.max { ($0.agents, $1.code) < ($1.agents, $0.code) }
    }
}
