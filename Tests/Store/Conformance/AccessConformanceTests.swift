// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store
import Testing

/// Keys and the audit log, as every store has to keep them.
struct AccessConformanceTests {
    private func key(_ name: String, _ secret: String, scopes: Set<Scope> = [.jobRead, .jobWrite]) -> StoredKey {
        let record = KeyRecord(
            id: "brk_\(secret)",
            name: name,
            scopes: scopes,
            target: "env=dev",
            operations: ["ping", "service.*"],
            createdAt: .at(1),
            createdBy: "admin",
            expiresAt: .at(1000)
        )
        return StoredKey(record: record, secretHash: KeySecret.hash(secret))
    }

    private func entry(_ action: String, at time: Timestamp = .at(1), jobID: JobID? = nil) -> AuditEntry {
        AuditEntry(time: time, actor: "ann", action: action, address: "192.0.2.7", jobID: jobID, detail: "ä\"\\")
    }

    private func lines(_ store: any AccessStore) async throws -> [AuditRecord] {
        try await store.audit(.oldest, beyond: nil, limit: 1000).items
    }

    private func withStore(
        _ factory: StoreFactory,
        _ body: (any JobStore & AccessStore) async throws -> Void
    ) async throws {
        try await factory.withStore { store in
            try await body(try #require(store as? any JobStore & AccessStore))
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a key is kept as it was made`(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let key = key("ci", "one")
            guard case .created = try await store.create(key, audit: entry("createKey")) else {
                Issue.record("not created")
                return
            }

            let kept = try await store.keys()
            #expect(kept.map(\.record) == [key.record])
            #expect(kept[0].secretHash == KeySecret.hash("one"))
            #expect(try await lines(store).map(\.entry.action) == ["createKey"])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a name is taken until its key is revoked, and what was refused leaves no line`(
        factory: StoreFactory
    ) async throws {
        try await withStore(factory) { store in
            _ = try await store.create(key("ci", "one"), audit: entry("createKey"))
            guard case .nameTaken = try await store.create(key("ci", "two"), audit: entry("createKey")) else {
                Issue.record("a second key has the same name")
                return
            }
            #expect(try await lines(store).count == 1)

            let revoked = try await store.revokeKey("brk_one", by: "ann", audit: entry("revokeKey", at: .at(7)))
            #expect(revoked?.revokedAt == .at(7) && revoked?.revokedBy == "ann")
            let again = try await store.revokeKey("brk_one", by: "bob", audit: entry("revokeKey", at: .at(8)))
            #expect(again == revoked)
            #expect(try await store.revokeKey("brk_none", by: nil, audit: entry("revokeKey")) == nil)
            guard case .created = try await store.create(key("ci", "two"), audit: entry("createKey")) else {
                Issue.record("the name is still taken")
                return
            }
            #expect(try await lines(store).map(\.entry.action) == ["createKey", "revokeKey", "createKey"])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the last use never goes back`(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await store.create(key("ci", "one"), audit: entry("createKey"))

            try await store.noteUses(["brk_one": .at(20), "brk_none": .at(1)])
            try await store.noteUses(["brk_one": .at(10)])
            try await store.noteUses([:])

            #expect(try await store.keys().first?.record.lastUsedAt == .at(20))
        }
    }

    @Test(arguments: StoreFactory.all)
    func `lines are chained in the order of their transactions`(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    let entries = [entry("a\(number)"), entry("b\(number)", jobID: .test(number))]
                    group.addTask { try await store.append(entries) }
                }
                try await group.waitForAll()
            }

            let lines = try await lines(store)
            var chain = AuditChain()
            for line in lines { try chain.check(line) }
            #expect(chain.number == 100)
            let pairs = stride(from: 0, to: 100, by: 2).map { place in
                (lines[place].entry.action.dropFirst(), lines[place + 1].entry.action.dropFirst())
            }
            #expect(pairs.allSatisfy { $0.0 == $0.1 })
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a job and the line about it are one transaction`(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            try await store.introduce(["a"])
            let request = JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
            func submit(_ number: Int, maximumOpenJobs: Int, host: String = "a") async throws -> CreatedJob? {
                try await store.create(
                    NewJob(
                        id: .test(number),
                        request: request,
                        agents: [(id: .on(host), hostname: host)],
                        offerNow: [],
                        createdAt: .at(1),
                        deadlineAt: .at(100),
                        hardEndAt: .at(200),
                        createdBy: "ann",
                        maximumOpenJobs: maximumOpenJobs,
                        audit: entry("submitJob", jobID: .test(number))
                    )
                )
            }

            #expect(try await submit(1, maximumOpenJobs: 1) != nil)
            #expect(try await submit(2, maximumOpenJobs: 1) == nil)
            await #expect(throws: StoreError.self) { try await submit(3, maximumOpenJobs: 9, host: "unknown") }
            var cancel = NewCancel(requestedBy: "ann")
            cancel.audit = entry("cancelJob", jobID: .test(1))
            _ = try await store.delete(.test(1), audit: entry("deleteJob"))
            _ = try await store.cancel(.test(1), cancel, now: .at(2))
            _ = try await store.cancel(.test(1), cancel, now: .at(3))
            _ = try await store.delete(.test(1), audit: entry("deleteJob", jobID: .test(1)))
            _ = try await store.setDrain(nil, of: .on("a"), audit: entry("resumeAgent"), now: .at(4))
            _ = try await store.setDrain(nil, of: .on("nobody"), audit: entry("resumeAgent"), now: .at(4))

            let actions = try await lines(store).map(\.entry.action)
            #expect(actions == ["submitJob", "cancelJob", "deleteJob", "resumeAgent"])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the log is read from either end`(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            #expect(try await store.audit(.newest, beyond: nil, limit: 5) == AuditPage(items: [], next: nil))
            try await store.append((1...5).map { entry("a\($0)") })

            let newest = try await store.audit(.newest, beyond: nil, limit: 3)
            let rest = try await store.audit(.newest, beyond: newest.next, limit: 3)
            let oldest = try await store.audit(.oldest, beyond: 2, limit: 3)

            #expect(newest.items.map(\.number) == [5, 4, 3] && newest.next == 3)
            #expect(rest.items.map(\.number) == [2, 1] && rest.next == nil)
            #expect(oldest.items.map(\.number) == [3, 4, 5] && oldest.next == nil)
        }
    }
}
