// SPDX-License-Identifier: Apache-2.0

package import ControllerMetrics
import GRDB
import Jobs

extension SQLiteStore: MetricsSource {
    package var metricsName: String { "store" }

    /// Jobs and runs by their states, and how the writer does.
    ///
    /// Jobs are told by the numbers that are kept. Of runs the open ones are told, from the counts of the jobs that are
    /// open, of which there are no more than ``JobLimits`` allows; and those that ended are counted as they end.
    ///
    /// - Throws: ``StoreError``.
    package func metrics() async throws -> [MetricFamily] {
        let jobs = try await statusCounts()
        let runs = try await openRuns()
        let deliveries = try await pendingDeliveries()
        return [
            .gauge(
                "broker_jobs",
                "Jobs in the record, by status.",
                by: "status",
                JobStatus.allCases.map { ($0.rawValue, jobs[$0] ?? 0) }
            ),
            .gauge(
                "broker_runs_open",
                "Runs that have not ended, by state.",
                by: "state",
                RunState.allCases.filter { !$0.isTerminal }.map { ($0.rawValue, runs[$0] ?? 0) }
            ),
            .counter(
                "broker_runs_ended_total",
                "Runs that have ended, by the state they ended in.",
                by: "state",
                measured.endedRuns.kinds.map { ($0.rawValue, measured.endedRuns[$0]) }
            ),
            measured.commits.family(
                "broker_store_commit_seconds",
                "From when something was to be written until it was on the disk."
            ),
            .counter("broker_store_transactions_total", "Transactions that were committed.", version),
            .gauge("broker_store_waiting_writes", "What waits for the one writer of the store.", waitingWrites),
            .gauge("broker_webhook_deliveries_pending", "Messages that webhooks have not taken yet.", deliveries),
        ]
    }

    private func openRuns() async throws -> [RunState: Int] {
        let states = RunState.allCases.filter { !$0.isTerminal }
        let open = JobStatus.allCases.filter { !$0.isTerminal }
        let sums = states.map { "coalesce(sum(\($0.rawValue)), 0)" }.joined(separator: ", ")
        let places = open.map { _ in "?" }.joined(separator: ", ")
        let sql = """
            SELECT \(sums) FROM jobs INDEXED BY jobs_by_status WHERE is_deleted = 0 AND status IN (\(places))
            """
        return try await read { db in
            try db.query(sql).with(all: open.map(\.rawValue)).first { row in
                Dictionary(
                    states.enumerated().map { place, state in (state, row[place] as Int) },
                    uniquingKeysWith: { first, _ in first }
                )
            } ?? [:]
        }
    }
}
