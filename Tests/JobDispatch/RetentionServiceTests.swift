// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RetentionServiceTests {
    private static let start = DispatchFixture.start

    private func service(
        _ fixture: DispatchFixture,
        after duration: Duration = .zero,
        _ retention: Retention
    )
        -> RetentionService
    {
        RetentionService(
            store: fixture.store,
            retention: retention,
            wallClock: { Self.start + duration },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// Jobs that end a second apart from each other.
    private func history(_ count: Int, _ fixture: DispatchFixture) async throws -> [JobID] {
        var ids: [JobID] = []
        for second in 0..<count {
            let job = try await fixture.submit("_all")
            try await fixture.end(job, on: ["a"], as: .completed, now: Self.start + .seconds(second))
            ids.append(job.id)
        }
        return ids
    }

    private func listed(_ fixture: DispatchFixture) async throws -> Set<JobID> {
        Set(try await fixture.store.jobs(status: nil, limit: 500, offset: 0).items.map(\.id))
    }

    @Test func `what ended too long ago goes, and nothing else`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let open = try await fixture.submit("_all")
        let ended = try await history(5, fixture)
        var retention = Retention()
        retention.maximumAge = .seconds(100)
        let service = service(fixture, after: .seconds(102), retention)

        while try await service.step() {}

        #expect(try await listed(fixture) == Set(ended.suffix(3) + [open.id]))
        #expect(try await fixture.store.statusCounts()[.completed] == 3)
    }

    @Test func `above a number of jobs those go that ended first, and open ones stay`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let ended = try await history(5, fixture)
        let open = [try await fixture.submit("_all").id, try await fixture.submit("_all").id]
        var retention = Retention()
        retention.maximumJobs = 4
        let service = service(fixture, retention)

        while try await service.step() {}
        #expect(try await listed(fixture) == Set(ended.suffix(2) + open))

        retention.maximumJobs = 1
        let strict = self.service(fixture, retention)
        while try await strict.step() {}
        #expect(try await listed(fixture) == Set(open))
    }

    @Test func `above a size those go that ended first, until it fits`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let ended = try await history(100, fixture)
        var retention = Retention()
        retention.maximumBytes = 1
        let service = service(fixture, retention)

        _ = try await service.step()
        let left = try await listed(fixture)
        #expect(left == Set(ended.suffix(left.count)))
        #expect(left.count < ended.count && !left.isEmpty, "a few at a time")
        while try await service.step() {}

        #expect(try await listed(fixture).isEmpty)
    }

    @Test func `without limits history stays, and what was deleted is taken away all the same`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let ended = try await history(3, fixture)
        try await fixture.service.delete(ended[0], by: .bob, now: Self.start)
        let service = service(fixture, after: .seconds(1_000_000_000), Retention())

        while try await service.step() {}

        #expect(try await listed(fixture) == Set(ended.suffix(2)))
        #expect(try await !fixture.store.purge(limit: 1), "no row of it is left")
        #expect(try await !service.step())
    }

    @Test func `much history goes in small steps, each of which leaves whole jobs or none in the listing`() async throws
    {
        let fixture = try await DispatchFixture(agents: ["a"])
        _ = try await history(250, fixture)
        var retention = Retention()
        retention.maximumAge = .seconds(1)
        let service = service(fixture, after: .seconds(10_000), retention)

        var steps = 0
        var totals: [Int] = []
        while try await service.step() {
            steps += 1
            totals.append(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total ?? 0)
        }

        #expect(totals.first == 150)
        #expect(totals.last == 0)
        #expect(steps >= 3)
        #expect(try await fixture.store.statusCounts().values.reduce(0, +) == 0)
    }

    @Test func `a store that fails is told`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        try await fixture.store.close()
        var retention = Retention()
        retention.maximumAge = .seconds(1)
        let service = service(fixture, retention)

        await #expect(throws: StoreError.self) { try await service.step() }
    }
}
