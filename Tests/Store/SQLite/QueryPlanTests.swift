// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import GRDB
import Jobs
import Store
import Synchronization
import Testing

/// Every statement that the store executes, asked for its plan: none walks through jobs, runs, data or timeline.
struct QueryPlanTests {
    @Test func `no statement scans what grows with history`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "broker.db").path()
            let statements = try await executedStatements(path)

            let plans = try plans(of: statements, path)

            #expect(plans.count > 35, "the exercise has lost statements")
            for (statement, plan) in plans {
                // Of one job, and of no other.
                for line in plan where line.hasPrefix("SEARCH r ") && statement.contains("r.job = ?") {
                    #expect(line.contains("(job=?") || line.contains(" AND job=?"), "\(line) in: \(statement)")
                }
                for line in plan where line.hasPrefix("SCAN") && !Self.isHarmless(line, in: statement) {
                    Issue.record("\(line) in: \(statement)")
                }
                // What is listed comes in the order of an index: nothing is put in order first.
                #expect(!plan.contains { $0.hasPrefix("USE TEMP B-TREE") }, "\(statement)")
            }
            let all = plans.values.flatMap(\.self)
            let indexes = [
                "COVERING INDEX jobs_by_status", "COVERING INDEX jobs_in_order", "COVERING INDEX jobs_by_operation",
                "COVERING INDEX jobs_by_change", "COVERING INDEX jobs_by_creator", "COVERING INDEX jobs_by_origin",
                "COVERING INDEX runs_by_host", "COVERING INDEX uncompleted_runs_by_host",
                "l USING PRIMARY KEY (name=? AND value=? AND job>? AND job<?)", "INDEX events_with_errors",
                "m USING PRIMARY KEY (name=? AND value=? AND job=?)", "INDEX finished_jobs",
                "INDEX deleted_jobs",
                "INDEX unacknowledged_any", "INDEX orders_by_job", "INDEX idempotency_keys_by_job",
                "COVERING INDEX runs_by_digest (job=? AND digest>?)", "INDEX runs_by_digest (job=? AND digest=?)",
                "COVERING INDEX runs_by_hostname", "COVERING INDEX runs_by_state", "INDEX runs_by_state",
                "INDEX pending_runs", "INDEX open_runs", "INDEX agents_by_folded_hostname",
                "INDEX enrolments_by_hostname",
                "INDEX pending_enrolments_by_network", "INDEX enrolments_by_state",
                "INDEX agent_keys_by_agent",
                "INDEX open_jobs_by_next_check",
                "r USING PRIMARY KEY (job=? AND agent=?)", "events USING PRIMARY KEY (job=? AND sequence>?)",
                "e USING INDEX events_by_feed (feed>?)",
            ]
            for index in indexes { #expect(all.contains { $0.contains(index) }, "\(index) is not used") }
        }
    }

    /// Small tables, the part of a listing that has been cut, walks with a limit through an index of just what is looked
    /// for, and what is done once at a start.
    private static func isHarmless(_ line: String, in statement: String) -> Bool {
        let isSmall = ["SCAN p", "SCAN meta", "SCAN job_counts", "SCAN join_tokens"].contains {
            line.hasPrefix($0)
        }
        // What a part of the statement has found.
        let isFound = line.hasPrefix("SCAN (subquery") || line == "SCAN CONSTANT ROW"
        // Of these there are about as many as agents: read at the start, or listed for people.
        let isOfAgents = line.hasPrefix("SCAN revocations") || line.hasPrefix("SCAN enrolments")
        let isListing =
            ["events_by_feed", "finished_jobs", "deleted_jobs", "unacknowledged_any", "sqlite_autoindex_jobs_1"]
            .contains {
                line.hasSuffix("INDEX \($0)")
            } && statement.contains("LIMIT")
        // Its last line, by its own key.
        let isEndOfAudit = line == "SCAN audit" && statement.hasSuffix("ORDER BY number DESC LIMIT 1")
        let isOfTheStart = statement.contains("+ ?1") || statement.contains("created_at + ?")
        let isAllAgents = line.hasPrefix("SCAN agents") && statement.contains("hostname IS NOT NULL")
        return isSmall || isFound || isOfAgents || isEndOfAudit || isListing || isAllAgents || isOfTheStart
    }

    /// What a store executes when each of its methods is used in each of its ways.
    private func executedStatements(_ path: String) async throws -> Set<String> {
        let recorder = Recorder()
        var configuration = SQLiteStore.Configuration()
        configuration.onStatement = { recorder.add($0) }
        let store = try SQLiteStore(path: path, configuration: configuration)
        recorder.clear()
        try await exercise(store)
        try await store.close()
        return recorder.statements
    }

    private func exercise(_ store: SQLiteStore) async throws {
        let hosts = ["a", "b", "c"]
        try await store.introduce(hosts)
        for number in 1...4 { try await store.submit(number, hosts) }
        _ = try await store.offer("a", held: 0)
        _ = try await store.record(
            [
                .holds(.on("a"), upTo: 2), .report("a", .test(1), .started), .report("a", .test(1), .ended(.well)),
                .report("b", .test(2), .ended(.badly)), .seen(.on("b"), at: .at(3)),
                .introduced("c", id: AgentID("other")),
            ],
            now: .at(2)
        )
        for second in [60, 100] { _ = try await store.endOverdue(lease: .seconds(30), limit: 9, now: .at(second)) }
        _ = try await store.endSilent([.on("a")], now: .at(101))
        try await store.submit(5, hosts.dropLast())
        _ = try await store.record([.holds(.on("a"), upTo: 5)], now: .at(102))
        _ = try await store.endOverdue(lease: .seconds(30), limit: 9, now: .at(900))
        try await exerciseControl(store)
        try await exerciseEnrolment(store)
        _ = try await store.agents()
        _ = try await store.feed(after: try await store.feedEnd() - 1, limit: 9)
        try await store.checkWritable()
        try await expectConsistent(store)
        for filter in Self.runFilters {
            for withData in [true, false] {
                for start in [ListingWindow<String>.Start.offset(0), .offset(1), .after("a")] {
                    let window = ListingWindow(from: start, limit: 2)
                    _ = try await store.runs(of: .test(7), filter, includingData: withData, window)
                }
            }
        }
        for place in [nil, RunPlace(jobID: .test(5), hostname: "a")] {
            _ = try await store.runs(ofJobs: JobQuery(), after: place, limit: 3, maximumBytes: .max)
        }
        _ = try await store.run(of: .test(7), on: "b")
        for number in [2, 5, 7] { _ = try await store.groups(of: .test(number), limit: 9, offset: 0) }
        for filter in Self.filters {
            for start in [ListingWindow<JobID>.Start.offset(0), .offset(1), .after(.test(6))] {
                for isCounting in [true, false] {
                    let query = JobQuery(filter, isCounting: isCounting, expansions: Set(JobExpansion.allCases))
                    _ = try await store.jobs(query, ListingWindow(from: start, limit: 2))
                }
            }
        }
        let own = JobQuery(visibility: .own(name: "tester", since: .at(0)))
        let operations = JobQuery(visibility: .operations([try OperationPattern("command.*")]))
        for query in [own, operations] {
            _ = try await store.jobs(query, ListingWindow(from: .offset(0), limit: 2))
        }
        // One with more lines than are shown.
        let many = (1000..<1200).map { "h\($0)" }
        try await store.introduce(many)
        try await store.submit(90, many, now: .at(3000))
        _ = try await store.record(many.map { .report($0, .test(90), .ended(.badly)) }, now: .at(3001))
        _ = try await store.job(.test(90), expanding: [.timeline])
    }

    /// Each way to select runs.
    private static let runFilters = [nil, RunState.lost].flatMap { state in
        [nil, JobFilter.Change.unknown].flatMap { change in
            [nil, "a"].flatMap { search in
                [nil, .unknown, ResultDigest(String(repeating: "0a", count: 32)).map(RunFilter.Result.digest)].map {
                    RunFilter(state: state, change: change, search: search, result: $0)
                }
            }
        }
    }

    /// Each way to select jobs, and some of them together.
    private static var filters: [JobFilter] {
        func filter(_ change: (inout JobFilter) -> Void) -> JobFilter {
            var filter = JobFilter()
            change(&filter)
            return filter
        }
        return [
            JobFilter(), JobFilter(status: .failed), filter { $0.statuses = [.failed, .completed, .submitted] },
            filter { $0.operations = ["command.exec"] }, filter { $0.operations = ["command.*"] },
            filter { $0.change = .changed }, filter { $0.change = .unknown }, filter { $0.createdBy = "tester" },
            filter { $0.retryOf = .test(1) }, filter { $0.labels = ["a": "b"] }, filter { $0.agent = "a" },
            filter {
                $0.agent = "a"
                $0.agentStatuses = [.failed, .completed, .lost]
            },
            filter { $0.search = "018b" }, filter { $0.search = "018bcfe5-6800-7000-8000-000000000001" },
            filter {
                $0.from = .at(0)
                $0.to = .at(5000)
            },
            filter {
                $0.statuses = [.failed, .completed]
                $0.agent = "a"
                $0.agentStatuses = [.failed]
                $0.labels = ["a": "b", "c": "d"]
                $0.createdBy = "tester"
                $0.change = .unchanged
                $0.retryOf = .test(1)
                $0.operations = ["command.*"]
            },
        ]
    }

    private func exerciseControl(_ store: SQLiteStore) async throws {
        let drain = AgentDrain(since: .at(1000), by: "ann", reason: nil)
        try await store.submit(6, ["a", "b"], now: .at(1000))
        _ = try await store.offer("a", held: 5, now: .at(1001))
        _ = try await store.cancel(.test(6), NewCancel(requestedBy: "ann"), now: .at(1002))
        _ = try await store.setDrain(drain, of: .on("a"), audit: nil, now: .at(1002))
        _ = try await store.offer("a", held: 5, now: .at(1003))
        _ = try await store.setDrain(nil, of: .on("a"), audit: nil, now: .at(1004))
        _ = try await store.record([.holds(.on("a"), upTo: 9)], now: .at(1005))
        _ = try await store.record([.introduced("a", ledger: "l-1"), .introduced("a", ledger: "l-2")], now: .at(1006))
        try await store.submit(7, ["a"], now: .at(1007), awaitsGo: true)
        _ = try await store.unacknowledgedAny(limit: 9)
        _ = try await store.reassign(.test(7), from: .on("a"), to: (id: .on("b"), hostname: "b"), now: .at(1008))
        _ = try await store.record([.holds(.on("b"), upTo: 50)], now: .at(1009))
        _ = try await store.newestJobID()
        _ = try await store.delete(.test(1), audit: nil)
        var retention = Retention()
        retention.maximumAge = .seconds(60)
        retention.maximumJobs = 3
        retention.maximumBytes = 1
        _ = try await store.deleteHistory(retention, limit: 2, now: .at(2000))
        retention.maximumAge = nil
        _ = try await store.deleteHistory(retention, limit: 2, now: .at(2000))
        while try await store.purge(limit: 2) {}
        _ = try await store.adopt(ClockAnchor(bootID: "b", offset: 1))
        _ = try await store.adopt(ClockAnchor(bootID: "b", offset: 100_000))
    }

    private func exerciseEnrolment(_ store: SQLiteStore) async throws {
        let limits = EnrolmentLimits()
        let record = JoinTokenRecord(
            id: "t",
            labels: [:],
            uses: 9,
            createdAt: .at(1),
            createdBy: nil,
            expiresAt: .at(9999)
        )
        _ = try await store.addJoinToken(.init(record: record, secretHash: "t"), limits: limits, now: .at(3000))
        func ask(_ name: String, as hostname: String, token: String?) async throws {
            let request = NewEnrolment(
                id: AgentID(name),
                fingerprint: "key of \(name)",
                hostname: hostname,
                address: "10.0.0.1",
                network: "10.0.0.1",
                secretHash: token
            )
            _ = try await store.enrol(request, limits: limits, now: .at(3001))
        }
        try await ask("x", as: "new", token: "t")
        try await ask("y", as: "new", token: "t")
        try await ask("z", as: "A", token: nil)
        try await ask("w", as: "w", token: nil)
        try await ask("w", as: "w", token: "t")
        _ = try await store.accept(AgentID("y"), labels: ["a": "b"], by: "ann", now: .at(3002))
        _ = try await store.reject(AgentID("z"), by: "ann", now: .at(3002))
        _ = try await store.addKey("another", of: AgentID("y"), now: .at(3003))
        _ = try await store.revoke(AgentID("y"), by: "ann", now: .at(3004))
        _ = try await store.enrolments(named: "new", state: .replaced)
        for state in [nil, EnrolmentState.revoked] {
            _ = try await store.enrolments(state: state, limit: 5, offset: 0)
        }
        _ = try await store.revokeJoinToken("t", now: .at(3005))
        _ = try await store.joinTokens()
        _ = try await store.revocations()
        _ = try await store.grantedLabels()
    }

    private func plans(of statements: Set<String>, _ path: String) throws -> [String: [String]] {
        let queue = try DatabaseQueue(path: path)
        return try queue.read { db in
            var plans: [String: [String]] = [:]
            for sql in statements where ["SELECT", "UPDATE", "INSERT", "DELETE"].contains(sql.prefix(6)) {
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                statement.setUncheckedArguments(StatementArguments())
                plans[sql] = try Row.fetchAll(statement).map { $0["detail"] }
            }
            return plans
        }
    }
}

/// Collects statements from any thread.
private final class Recorder: Sendable {
    private let contents = Mutex<Set<String>>([])

    var statements: Set<String> { contents.withLock { $0 } }

    func add(_ statement: String) { contents.withLock { _ = $0.insert(statement) } }

    func clear() { contents.withLock { $0 = [] } }
}
