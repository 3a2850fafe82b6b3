// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

/// A filter of the runs of a job as the database is asked for it.
///
/// A listing goes through an index of the job's runs in the order of hostnames, and looks at no run of another job.
struct RunSelection {
    /// What comes after FROM.
    let source: String
    /// What runs have to fit, `runs` being `r`.
    let condition: String
    let arguments: [any SQLValue]

    /// Makes the selection of those runs of a job that fit a filter.
    init(_ filter: RunFilter, job: Int64) {
        var conditions = ["r.job = ?"]
        var arguments: [any SQLValue] = [job]
        var index = "runs_by_hostname"
        if let state = filter.state {
            index = "runs_by_state"
            conditions.append("r.state = ?")
            arguments.append(state.rawValue)
        }
        if let change = filter.change {
            conditions.append("r.changed IS ?")
            arguments.append(change.flag)
        }
        switch filter.result {
        case .digest(let digest):
            index = "runs_by_digest"
            conditions.append("r.digest = ?")
            arguments.append(digest.stored)
        case .unknown: conditions.append("r.digest IS NULL")
        case nil: break
        }
        if let search = filter.search, !search.isEmpty {
            conditions.append("substr(r.hostname, 1, ?) = ? COLLATE NOCASE")
            arguments += [search.unicodeScalars.count, search]
        }
        source = "runs r INDEXED BY \(index)"
        condition = conditions.joined(separator: " AND ")
        self.arguments = arguments
    }
}

extension Database {
    /// How many runs of a job fit a filter: from kept numbers where they tell.
    func number(of filter: RunFilter, in job: JobProgress) throws -> Int {
        let counts = job.machine.counts
        let isSelecting = filter.change != nil || filter.search?.isEmpty == false || filter.result != nil
        guard isSelecting else {
            return filter.state.map { counts[$0] } ?? counts.total
        }
        let selection = RunSelection(filter, job: job.key)
        return try query("SELECT count(*) FROM \(selection.source) WHERE \(selection.condition)")
            .with(all: selection.arguments).first { $0[0] } ?? 0
    }
}
