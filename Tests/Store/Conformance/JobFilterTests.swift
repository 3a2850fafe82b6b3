// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Randomness
import Store
import Testing

/// Every filter and page against a reference that looks at all jobs one by one.
struct JobFilterTests {
    /// What the store was told, kept beside it.
    private struct Reference {
        var jobs: [Job] = []
        var runs: [JobID: [Run]] = [:]

        /// Whether a job fits, said a second time and in the plainest words.
        func fits(_ job: Job, _ filter: JobFilter) -> Bool {
            if !filter.statuses.isEmpty, !filter.statuses.contains(job.status) { return false }
            if !filter.operations.isEmpty, !filter.operations.contains(where: { names(job, $0) }) { return false }
            if let change = filter.change {
                let words: [Bool?: JobFilter.Change] = [true: .changed, false: .unchanged, nil: .unknown]
                if words[job.changed] != change { return false }
            }
            if let agent = filter.agent {
                let there = (runs[job.id] ?? []).filter { $0.hostname.lowercased() == agent.lowercased() }
                if !there.contains(where: { filter.agentStatuses.isEmpty || filter.agentStatuses.contains($0.state) }) {
                    return false
                }
            }
            if let name = filter.createdBy, job.createdBy != name { return false }
            if filter.template != nil || filter.review != nil { return false }
            if let origin = filter.retryOf, job.retryOf != origin { return false }
            if let search = filter.search, !"\(job.id)".hasPrefix(search.lowercased()) { return false }
            if let from = filter.from, job.createdAt < from { return false }
            if let to = filter.to, job.createdAt >= to { return false }
            return filter.labels.allSatisfy { job.labels[$0.key] == $0.value }
        }

        private func names(_ job: Job, _ pattern: String) -> Bool {
            pattern.hasSuffix(".*") ? job.operation.type.hasPrefix(pattern.dropLast()) : job.operation.type == pattern
        }

        /// All that fit, newest first.
        func listing(_ filter: JobFilter) -> [Job] {
            jobs.filter { fits($0, filter) }.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        }
    }

    private static let hosts = ["a", "b", "C", "d"]
    private static let operations = ["ping", "service.restart", "service.start", "command.exec"]

    private static func job(_ id: JobID, _ random: inout SeededGenerator, retryOf: JobID?) -> NewJob {
        let agents = hosts.filter { _ in Bool.random(using: &random) }
        let chosen = agents.isEmpty ? ["a"] : agents
        let labels = ["env": ["prod", "dev"], "team": ["x", "y", "z"]].compactMapValues { values in
            Bool.random(using: &random) ? values.randomElement(using: &random) : nil
        }
        let type = operations.randomElement(using: &random) ?? "ping"
        return NewJob(
            id: id,
            request: JobRequest(
                operation: OperationRequest(type: type),
                target: "_all",
                labels: labels.isEmpty ? nil : labels
            ),
            agents: chosen.map { (id: .on($0), hostname: $0) },
            offerNow: [],
            createdAt: id.timestamp,
            deadlineAt: id.timestamp + .seconds(60),
            hardEndAt: id.timestamp + .seconds(200),
            createdBy: ["ann", "bob", nil].randomElement(using: &random) ?? nil,
            retryOf: retryOf
        )
    }

    /// Fills a store with jobs in every condition; some are deleted again.
    private static func fill(_ store: any JobStore, jobs: Int, _ random: inout SeededGenerator) async throws {
        try await store.introduce(hosts)
        var generator = JobIDGenerator()
        var ids: [JobID] = []
        var time = Timestamp.at(0)
        for _ in 0..<jobs {
            if Bool.random(using: &random) { time = time + .milliseconds(Int.random(in: 0...900, using: &random)) }
            let id = generator.next(at: time, random: random.next())
            let origin = Int.random(in: 0..<4, using: &random) == 0 ? ids.randomElement(using: &random) : nil
            let job = job(id, &random, retryOf: origin)
            _ = try await store.create(job)
            ids.append(id)
            try await move(job, in: store, &random)
        }
        for id in ids where Int.random(in: 0..<12, using: &random) == 0 { _ = try await store.delete(id, audit: nil) }
        _ = try await store.purge(limit: 10)
    }

    private static func move(_ job: NewJob, in store: any JobStore, _ random: inout SeededGenerator) async throws {
        var updates: [AgentUpdate] = []
        let ends: [RunOutcome] = [
            .well, .badly, RunOutcome(state: .completed, changed: false), RunOutcome(state: .timedOut),
            RunOutcome(state: .cancelled), RunOutcome(state: .skipped),
        ]
        let isUniform = Bool.random(using: &random)
        for agent in job.agents {
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where !isUniform: break
            case 1 where !isUniform: updates.append(.report(agent.hostname, job.id, .started))
            default:
                let end = isUniform ? ends[job.agents.count % 3] : ends.randomElement(using: &random) ?? .well
                updates.append(.report(agent.hostname, job.id, .ended(end)))
            }
        }
        _ = try await store.record(updates, now: job.createdAt + .seconds(1))
    }

    /// Everything that the store has, read without any filter.
    private static func reference(_ store: any JobStore) async throws -> Reference {
        var reference = Reference()
        reference.jobs = try await store.jobs(limit: .max).items
        for job in reference.jobs { reference.runs[job.id] = try await store.allRuns(job.id) }
        return reference
    }

    /// Any combination of filters.
    private static func filter(_ reference: Reference, _ random: inout SeededGenerator) -> JobFilter {
        var filter = JobFilter()
        func some<Value: CaseIterable & Hashable>(_ type: Value.Type) -> Set<Value> {
            Set(Value.allCases.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
        }
        func rarely() -> Bool { Int.random(in: 0..<4, using: &random) == 0 }
        let one = reference.jobs.randomElement(using: &random)
        if rarely() { filter.statuses = some(JobStatus.self) }
        if rarely() {
            filter.operations = ["service.*", "ping", "none.*"].filter { _ in Bool.random(using: &random) }
        }
        if rarely() { filter.change = JobFilter.Change.allCases.randomElement(using: &random) }
        if rarely() {
            filter.agent = ["a", "B", "c", "nobody"].randomElement(using: &random)
            if Bool.random(using: &random) { filter.agentStatuses = some(RunState.self) }
        }
        if rarely() { filter.createdBy = ["ann", "bob", "nobody"].randomElement(using: &random) }
        if rarely() { filter.retryOf = reference.jobs.compactMap(\.retryOf).randomElement(using: &random) }
        if rarely(), let one { filter.search = String("\(one.id)".prefix(Int.random(in: 1...36, using: &random))) }
        if rarely() { filter.from = one?.createdAt }
        if rarely() { filter.to = reference.jobs.randomElement(using: &random)?.createdAt }
        if rarely() { filter.labels["env"] = "prod" }
        if rarely() { filter.labels["team"] = ["x", "nobody"].randomElement(using: &random) }
        return filter
    }

    @Test(arguments: [1, 2, 3])
    func `any filter and any page are as a look at every job has it`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let store = try SQLiteStore.inMemory()
        try await Self.fill(store, jobs: 160, &random)
        let reference = try await Self.reference(store)
        #expect(reference.jobs.count > 120)

        for _ in 0..<300 {
            let filter = Self.filter(reference, &random)
            let expected = reference.listing(filter).map(\.id)
            let limit = Int.random(in: 1...20, using: &random)

            let offset = Int.random(in: 0...max(1, expected.count), using: &random)
            let page = try await store.jobs(JobQuery(filter), ListingWindow(from: .offset(offset), limit: limit))
            #expect(page.items.map(\.id) == Array(expected.dropFirst(offset).prefix(limit)), "\(filter)")
            #expect(page.total == expected.count, "\(filter)")
            let bare = try await store.jobs(
                JobQuery(filter, isBare: true),
                ListingWindow(from: .offset(offset), limit: limit)
            )
            #expect(bare.items.map(\.id) == page.items.map(\.id) && bare.hasMore == page.hasMore, "\(filter)")
            #expect(page.hasMore == (expected.count > offset + page.items.count && !page.items.isEmpty), "\(filter)")

            var found: [JobID] = []
            var start = ListingWindow<JobID>.Start.offset(0)
            while true {
                let part = try await store.jobs(JobQuery(filter), ListingWindow(from: start, limit: limit))
                found += part.items.map(\.id)
                guard part.hasMore, let last = part.items.last else { break }
                start = .after(last.id)
            }
            #expect(found == expected, "\(filter)")
        }
        try await store.close()
    }

    @Test func `pages by cursor have each job that fits once, in order, while others are added`() async throws {
        var random = SeededGenerator(seed: 4)
        let store = try SQLiteStore.inMemory()
        try await Self.fill(store, jobs: 120, &random)
        let reference = try await Self.reference(store)
        var generator = JobIDGenerator(above: reference.jobs.first?.id)

        for _ in 0..<60 {
            let filter = Self.filter(reference, &random)
            let expected = try await store.jobs(JobQuery(filter), ListingWindow(from: .offset(0), limit: .max))
            var found: [JobID] = []
            var start = ListingWindow<JobID>.Start.offset(0)
            while true {
                let part = try await store.jobs(JobQuery(filter), ListingWindow(from: start, limit: 5))
                found += part.items.map(\.id)
                let id = generator.next(at: .at(9000), random: random.next())
                _ = try await store.create(Self.job(id, &random, retryOf: nil))
                guard part.hasMore, let last = part.items.last else { break }
                start = .after(last.id)
            }
            #expect(found == expected.items.map(\.id), "\(filter)")
        }
        try await store.close()
    }

    @Test(arguments: [6, 7])
    func `the runs of any filter are those of each job that fits, in order, whatever the parts they are read in`(
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let store = try SQLiteStore.inMemory()
        try await Self.fill(store, jobs: 120, &random)
        let reference = try await Self.reference(store)

        for _ in 0..<150 {
            let filter = Self.filter(reference, &random)
            let limit = Int.random(in: 1...20, using: &random)
            let bytes = [1, 60, .max].randomElement(using: &random) ?? .max
            let found = try await store.listedRuns(JobQuery(filter), limit: limit, maximumBytes: bytes)

            let jobs = reference.listing(filter)
            #expect(found.map(\.run) == jobs.flatMap { reference.runs[$0.id] ?? [] }, "\(filter)")
            let operations = jobs.flatMap { job in (reference.runs[job.id] ?? []).map { _ in job.operation.type } }
            #expect(found.map(\.operation) == operations, "\(filter)")
        }
        try await store.close()
    }

    @Test func `what may be seen narrows every filter, and the numbers by status with it`() async throws {
        var random = SeededGenerator(seed: 5)
        let store = try SQLiteStore.inMemory()
        try await Self.fill(store, jobs: 120, &random)
        let reference = try await Self.reference(store)
        let since = reference.jobs[60].createdAt
        let patterns = [try OperationPattern("service.*")]
        let cases: [(JobQuery.Visibility, (Job) -> Bool)] = [
            (.own(name: "ann", since: since), { $0.createdBy == "ann" && $0.createdAt >= since }),
            (.operations(patterns), { $0.operation.type.hasPrefix("service.") }),
        ]

        for (visibility, isVisible) in cases {
            for _ in 0..<100 {
                let filter = Self.filter(reference, &random)
                let expected = reference.listing(filter).filter(isVisible).map(\.id)
                let query = JobQuery(filter, visibility: visibility)
                let part = try await store.jobs(query, ListingWindow(from: .offset(0), limit: .max))

                #expect(part.items.map(\.id) == expected && part.total == expected.count, "\(filter)")
                for status in JobStatus.allCases {
                    let number = reference.jobs.count { isVisible($0) && $0.status == status }
                    #expect(part.statusCounts?[status] == number)
                }
                let runs = try await store.listedRuns(query, limit: 50)
                #expect(runs.map(\.run) == expected.flatMap { reference.runs[$0] ?? [] }, "\(filter)")
            }
        }
        try await store.close()
    }
}
