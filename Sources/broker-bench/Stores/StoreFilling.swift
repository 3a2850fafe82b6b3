// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// History for a store: jobs that have ended, written through the store's own transactions, many in each.
struct StoreFilling: Sendable {
    var jobs = 1000
    var runsPerJob = 1
    /// Of so many jobs one has failed.
    var failEvery = 10
    /// The agents of one more job, the newest.
    var wideJob = 0

    /// Fills a store, and gives the id of its widest job.
    func fill(_ store: SQLiteStore) async throws -> JobID? {
        let agents = (1...max(runsPerJob, wideJob, 100)).map { AgentID("filled-\($0)") }
        for batch in stride(from: 0, to: agents.count, by: 1000) {
            let part = agents[batch..<min(batch + 1000, agents.count)]
            _ = try await store.record(part.map { .introduced(introduction($0)) }, now: .now())
        }
        var generator = JobIDGenerator(above: try await store.newestJobID())
        let perTransaction = max(1, 1000 / max(1, runsPerJob))
        for first in stride(from: 0, to: jobs, by: perTransaction) {
            let now = Timestamp.now()
            let numbers = first..<min(first + perTransaction, jobs)
            let new = numbers.map { number in
                let chosen = (0..<runsPerJob).map { agents[(number + $0) % agents.count] }
                return job(generator.next(at: now, random: UInt64.random(in: .min ... .max)), chosen, now, number)
            }
            _ = try await store.create(new)
            let updates = zip(numbers, new).flatMap { number, job in
                job.agents.map { ended(job.id, $0.id, fails: number % failEvery == 0, changes: number % 3 == 0) }
            }
            _ = try await store.record(updates, now: .now())
        }
        guard wideJob > 0 else { return nil }
        let now = Timestamp.now()
        let wide = job(generator.next(at: now, random: 0), Array(agents.prefix(wideJob)), now, 1)
        _ = try await store.create([wide])
        _ = try await store.record(wide.agents.map { ended(wide.id, $0.id, fails: false, changes: false) }, now: .now())
        return wide.id
    }

    private func introduction(_ id: AgentID) -> AgentIntroduction {
        AgentIntroduction(
            id: id,
            hostname: id.text,
            labels: ["fleet": "filled"],
            facts: ["cpus": 1],
            version: "simulated"
        )
    }

    /// A job whose kind, submitter and labels follow from its number, some of them common and some rare.
    private func job(_ id: JobID, _ agents: [AgentID], _ now: Timestamp, _ number: Int) -> NewJob {
        NewJob(
            id: id,
            request: JobRequest(
                operation: OperationRequest(type: number % 50 == 0 ? "host.facts" : "ping"),
                target: "fleet=filled",
                labels: number % 20 == 0 ? ["team": number % 1000 == 0 ? "rare" : "common"] : nil
            ),
            agents: agents.map { ($0, $0.text) },
            offerNow: Set(agents),
            createdAt: now,
            deadlineAt: now + .seconds(3600),
            hardEndAt: now + .seconds(7200),
            createdBy: number % 4 == 0 ? "bench-b" : "bench-a"
        )
    }

    private func ended(_ job: JobID, _ agent: AgentID, fails: Bool, changes: Bool) -> AgentUpdate {
        let outcome =
            fails
            ? RunOutcome(state: .failed, changed: false, error: RunError(code: "simulated", message: "it was its turn"))
            : RunOutcome(state: .completed, changed: changes, data: ["simulated": true])
        return .reported(agent, RunReport(sequence: 1, jobID: job, attempt: 1, event: .ended(outcome)))
    }
}
