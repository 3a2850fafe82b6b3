// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

/// The runs of a job by their results, as they are gone through.
struct RunGrouping {
    /// What the runs of a group have in common.
    struct Key: Hashable {
        let state: RunState
        let changed: Bool?
        let errorCode: String?
        let digest: ResultDigest?
    }

    /// Some runs of the same result.
    struct Group {
        let key: Key
        var count = 0
        /// The first hosts.
        var samples: [String] = []

        fileprivate mutating func add(_ hostname: String) {
            count += 1
            if samples.count < RunGroup.maximumSamples { samples.append(hostname) }
        }
    }

    private var groups: [Key: Group] = [:]
    /// How many runs of each state have been taken.
    private(set) var counts: [RunState: Int] = [:]

    /// Takes a run, those of the same key in the order of hostnames.
    mutating func take(_ key: Key, hostname: String) {
        groups[key, default: Group(key: key)].add(hostname)
        counts[key.state, default: 0] += 1
    }

    /// Takes runs of which only the first hosts are known.
    mutating func take(_ key: Key, count: Int, samples: [String]) {
        groups[key] = Group(key: key, count: count, samples: samples)
        counts[key.state, default: 0] += count
    }

    /// How many groups there are.
    var number: Int { groups.count }

    /// The groups, the smallest first; of equally large ones those that did not do well before the others.
    var sorted: [Group] {
        let ranks = Dictionary(uniqueKeysWithValues: Database.order.enumerated().map { ($1, $0) })
        // By the hosts at last, so that pages have the same order.
        return groups.values.map { ($0, ranks[$0.key.state] ?? 0) }.sorted { one, other in
            (one.0.count, one.1, one.0.samples.first ?? "") < (other.0.count, other.1, other.0.samples.first ?? "")
        }.map(\.0)
    }
}

extension SQLiteStore {
    /// The runs of a job by their results.
    package func groups(of id: JobID, limit: Int, offset: Int) async throws -> Page<RunGroup>? {
        try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            let grouping = try db.grouping(of: job)
            let shown = grouping.sorted.dropFirst(max(0, offset)).prefix(max(0, limit))
            let items = try shown.map { try db.group($0, job: job.key) }
            return Page(items: items, total: grouping.number, limit: limit, offset: offset)
        }
    }
}

extension Database {
    fileprivate func grouping(of job: JobProgress) throws -> RunGrouping {
        var grouping = RunGrouping()
        try query(
            """
            SELECT r.state, r.changed, r.error_code, r.digest, r.hostname FROM runs r INDEXED BY runs_by_digest
            WHERE r.job = ? AND r.digest IS NOT NULL ORDER BY r.digest, r.hostname
            """
        ).with(job.key).each { row in
            let key = RunGrouping.Key(
                state: try row.stored(0),
                changed: row[1],
                errorCode: row[2],
                digest: row.digest(3)
            )
            grouping.take(key, hostname: row[4])
            return true
        }
        for state in RunState.allCases {
            let rest = job.machine.counts[state] - (grouping.counts[state] ?? 0)
            guard rest > 0 else { continue }
            if state.isTerminal {
                try takeUntold(state, job.key, &grouping)
            } else {
                try takeOpen(state, rest, job.key, &grouping)
            }
        }
        return grouping
    }

    /// Takes the runs of a state whose agents told no digest, or nothing at all.
    private func takeUntold(_ state: RunState, _ job: Int64, _ grouping: inout RunGrouping) throws {
        try query(
            """
            SELECT r.changed, r.error_code, r.hostname FROM runs r INDEXED BY runs_by_state
            WHERE r.job = ? AND r.state = ? AND r.digest IS NULL ORDER BY r.hostname
            """
        ).with(job).with(state.rawValue).each { row in
            let key = RunGrouping.Key(state: state, changed: row[0], errorCode: row[1], digest: nil)
            grouping.take(key, hostname: row[2])
            return true
        }
    }

    /// Takes the runs of a state in which none has a result yet.
    private func takeOpen(_ state: RunState, _ count: Int, _ job: Int64, _ grouping: inout RunGrouping) throws {
        let samples: [String] = try query(
            """
            SELECT r.hostname FROM runs r INDEXED BY runs_by_state
            WHERE r.job = ? AND r.state = ? ORDER BY r.hostname LIMIT ?
            """
        ).with(job).with(state.rawValue).with(RunGroup.maximumSamples).all { $0[0] }
        grouping.take(
            RunGrouping.Key(state: state, changed: nil, errorCode: nil, digest: nil),
            count: count,
            samples: samples
        )
    }

    /// A group with what its first run told.
    fileprivate func group(_ group: RunGrouping.Group, job: Int64) throws -> RunGroup {
        let excerpt = try group.samples.first.flatMap { hostname in try told(on: hostname, job: job) }
        return RunGroup(
            count: group.count,
            status: group.key.state,
            // Without a digest others of the group may have ended otherwise.
            exitCode: group.key.digest == nil ? nil : excerpt?.exitCode,
            changed: group.key.changed,
            errorCode: group.key.errorCode,
            digest: group.key.digest,
            sampleHostnames: group.samples,
            excerpt: excerpt?.excerpt(of: group.key.state)
        )
    }

    /// What a run told, as far as a group shows it: the data may be large, and is not brought out of the database.
    private func told(on hostname: String, job: Int64) throws -> RunExcerpt? {
        try query(RunExcerpt.statement).with(job).with(hostname).first(RunExcerpt.init)
    }
}
