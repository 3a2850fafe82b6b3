// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Store
import Testing

/// Random histories on every store: whatever happens in whatever order, the numbers add up after each commit.
struct CampaignTests {
    @Test(arguments: StoreFactory.all, [1, 2, 3] as [UInt64])
    func `counts, statuses and timelines hold through any history`(
        _ factory: StoreFactory,
        _ seed: UInt64
    ) async throws {
        try await factory.withStore { store in
            var campaign = Campaign(seed: seed)
            try await store.introduce(campaign.hosts)
            for _ in 0..<130 {
                try await campaign.step(store)
                try await expectConsistent(store, frozen: campaign.frozen)
            }

            var more = true
            while more {
                more = try await store.endOverdue(lease: .seconds(30), limit: 5, now: .at(100_000)).more
                try await expectConsistent(store, frozen: campaign.frozen)
            }

            let jobs = try await expectConsistent(store, frozen: campaign.frozen)
            #expect(jobs.values.allSatisfy { $0.status.isTerminal }, "every job ends in bounded time")
            #expect(campaign.moves >= 25, "the history was no history")
        }
    }
}

/// A fleet and its users gone mad, but the same each time for a seed.
private struct Campaign {
    let hosts = (0..<6).map { "h\($0)" }
    /// Every job that was submitted, and the size of its set.
    private var submitted: [JobID: Int] = [:]
    private var deleted: Set<JobID> = []
    /// Those that are there.
    var frozen: [JobID: Int] { submitted.filter { !deleted.contains($0.key) } }
    private(set) var moves = 0
    private var random: SeededGenerator
    private var seconds = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func step(_ store: any JobStore) async throws {
        seconds += Int.random(in: -2...8, using: &random)
        let now = Timestamp.at(max(0, seconds))
        let changed: [JobID: JobStateMachine]
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<3: changed = try await submit(store, now)
        case 3..<15:
            let updates = (0..<Int.random(in: 1...8, using: &random)).map { _ in update() }
            changed = try await store.record(updates, now: now).jobs
        case 15..<18:
            let requests = hosts.shuffled(using: &random).prefix(3).map {
                OfferRequest(agentID: .on($0), held: .random(in: 0...8, using: &random))
            }
            _ = try await store.offers(for: requests, limit: .random(in: 1...4, using: &random), now: now)
            changed = [:]
        case 18:
            changed = try await store.endOverdue(
                lease: .seconds(30),
                limit: .random(in: 1...9, using: &random),
                now: now
            ).changed
        case 19: changed = try await store.endSilent(Array(hosts.map(AgentID.on).prefix(2)), now: now).changed
        default: changed = try await control(store, now)
        }
        moves += changed.count
        for (id, progress) in changed {
            let job = try #require(try await store.job(id))
            #expect(progress.counts == job.agentCounts && progress.status == job.status)
            #expect(progress.completedAt == job.completedAt && progress.changed == job.changed)
        }
    }

    /// What users do to jobs and agents.
    private mutating func control(_ store: any JobStore, _ now: Timestamp) async throws -> [JobID: JobStateMachine] {
        let job = JobID.test(.random(in: 1...(submitted.count + 1), using: &random))
        let host = hosts.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            let request = NewCancel(grace: nil, requestedBy: "someone")
            guard case .requested(let changes) = try await store.cancel(job, request, now: now) else { return [:] }
            return changes.jobs
        case 1:
            let isOn = Bool.random(using: &random)
            let drain = AgentDrain(since: now, by: nil, reason: nil)
            return try await store.setDrain(isOn ? drain : nil, of: .on(host), audit: nil, now: now).jobs
        case 2:
            guard let waiting = try await store.unacknowledgedAny(limit: 9).randomElement(using: &random) else {
                return [:]
            }
            let to = (id: AgentID.on(host), hostname: host)
            guard waiting.agentID != to.id, try await store.agents().contains(where: { $0.agent.id == to.id }) else {
                return [:]
            }
            return try await store.reassign(waiting.jobID, from: waiting.agentID, to: to, now: now).jobs
        case 3 where Bool.random(using: &random):
            if case .deleted = try await store.delete(job, audit: nil) { deleted.insert(job) }
            return [:]
        default:
            _ = try await store.purge(limit: .random(in: 1...5, using: &random))
            return [:]
        }
    }

    private mutating func submit(_ store: any JobStore, _ now: Timestamp) async throws -> [JobID: JobStateMachine] {
        guard submitted.count < 10 else { return [:] }
        let number = submitted.count + 1
        let isAny = Int.random(in: 0..<4, using: &random) == 0
        let set = Array(hosts.shuffled(using: &random).prefix(isAny ? 1 : .random(in: 1...6, using: &random)))
        submitted[.test(number)] = set.count
        try await store.submit(
            number,
            set,
            offerNow: Array(set.prefix(.random(in: 0...2, using: &random))),
            now: now,
            deadline: .random(in: 10...90, using: &random),
            awaitsGo: isAny
        )
        return [:]
    }

    private mutating func update() -> AgentUpdate {
        let host = hosts.randomElement(using: &random) ?? ""
        let job = JobID.test(.random(in: 1...(submitted.count + 1), using: &random))
        let attempt = Int.random(in: 0..<10, using: &random) == 0 ? 2 : 1
        switch Int.random(in: 0..<30, using: &random) {
        case 0: return .introduced(host, labels: ["n": "\(seconds)"])
        case 1: return .introduced(host, id: AgentID("usurper-\(seconds)"))
        case 2: return .introduced(host, ledger: Bool.random(using: &random) ? "one" : "two")
        case 3: return .seen(.on(host), at: .at(seconds))
        case 4..<12: return .holds(.on(host), upTo: .random(in: 0...8, using: &random))
        case 12..<16: return .report(host, job, .started, attempt: attempt)
        case 16: return .report(host, job, .goingDown(bootID: "boot"), attempt: attempt)
        case 17:
            let failed = RunOutcome(state: .failed, error: RunError(code: "non_zero_exit", message: "exit code 1"))
            return .report(host, job, .retrying(failed, after: .seconds(1)), attempt: attempt)
        default: return .report(host, job, .ended(outcome()), attempt: attempt)
        }
    }

    private mutating func outcome() -> RunOutcome {
        let states = RunState.allCases.filter { $0.isTerminal && $0 != .lost }
        let state = Bool.random(using: &random) ? .completed : states.randomElement(using: &random) ?? .failed
        let error = state == .completed ? nil : RunError(code: state.rawValue, message: "it ended as \(state)")
        let changed = [true, false, nil].randomElement(using: &random) ?? nil
        return RunOutcome(state: state, changed: changed, error: error, data: ["at": .int(Int64(seconds))])
    }
}
