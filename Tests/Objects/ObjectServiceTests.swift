// SPDX-License-Identifier: Apache-2.0

import Access
import Crypto
import Foundation
import Jobs
import Logging
import Store
import Synchronization
import Testing

@testable import Objects

/// Objects over a real store and a real directory.
@Suite(.timeLimit(.minutes(2)))
struct ObjectServiceTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// A service in a directory of its own, and the directory.
    private func with(
        _ limits: ObjectLimits = ObjectLimits(),
        _ body: (ObjectService, SQLiteStore, String) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "objects-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try SQLiteStore.inMemory()
        try await body(try service(store, path, limits), store, path)
        try await store.close()
    }

    private func service(_ store: SQLiteStore, _ path: String, _ limits: ObjectLimits) throws -> ObjectService {
        ObjectService(
            store: store,
            directory: try ObjectDirectory(path: path),
            limits: limits,
            wallClock: { Self.now },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func entry(_ record: ObjectRecord) -> AuditEntry { AuditEntry(time: Self.now, action: "putObject") }

    @discardableResult
    private func put(
        _ bytes: [UInt8],
        as name: String,
        _ service: ObjectService,
        sha256: String? = nil,
        mustBeNew: Bool = false
    ) async throws -> (record: ObjectRecord, isNew: Bool) {
        let draft = try await service.begin(for: "key", expecting: nil)
        for part in stride(from: 0, to: bytes.count, by: 1000) {
            _ = try bytes[part..<min(part + 1000, bytes.count)].withUnsafeBytes { try draft.append($0) }
        }
        let naming = ObjectService.Naming(name: name, sha256: sha256, mustBeNew: mustBeNew, createdBy: "ann")
        return try await service.finish(draft, as: naming, audit: entry)
    }

    private func files(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0 != "incoming" }.sorted()
    }

    private func drafts(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/incoming")
    }

    private static func hash(_ bytes: [UInt8]) -> String { Hexadecimal.text(SHA256.hash(data: bytes)) }

    @Test func `what was stored is read back, whole and in parts, also after a restart`() async throws {
        try await with { service, store, path async throws in
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let (record, isNew) = try await put(bytes, as: "a/b", service)

            #expect(isNew)
            #expect(record.sha256 == Self.hash(bytes))
            #expect(record.size == 100_000)
            #expect(record.createdBy == "ann")
            let again = try self.service(store, path, ObjectLimits())
            try await again.removeStrays()
            #expect(try await again.store.object(named: "a/b") == record)
            let content = try await again.content(of: record.sha256)
            #expect(try await content.read(at: 0, count: 200_000) == bytes)
            #expect(try await content.read(at: 99_990, count: 100) == Array(bytes.suffix(10)))
        }
    }

    @Test func `a name stands for its newest bytes, and the same bytes under two names are there once`() async throws {
        try await with { service, store, path async throws in
            try await put([1], as: "a", service)
            let second = try await put([2], as: "a", service)
            let third = try await put([2], as: "a", service)
            try await put([2], as: "b", service)

            #expect(!second.isNew)
            #expect(third.record == second.record)
            #expect(
                try await store.objects(prefix: "", after: nil, limit: 10).map(\.sha256) == [
                    Self.hash([2]), Self.hash([2]),
                ]
            )
            #expect(try files(path) == [Self.hash([1]), Self.hash([2])].sorted())
        }
    }

    @Test func `other bytes than announced, a name that is taken and too much are refused, and leave nothing`()
        async throws
    {
        var limits = ObjectLimits()
        limits.maximumBytes = 5
        limits.totalBytes = 8
        try await with(limits) { service, store, path async throws in
            try await put([1, 2, 3, 4, 5], as: "a", service)
            for (code, attempt) in [
                (.digestMismatch, { try await put([1], as: "b", service, sha256: Self.hash([2])) }),
                (.exists, { try await put([1], as: "a", service, mustBeNew: true) }),
                (.tooLarge, { try await put([1, 2, 3, 4, 5, 6], as: "b", service) }),
                (.full, { try await put([1, 2, 3, 4], as: "b", service) }),
            ] as [(ObjectError.Code, () async throws -> (ObjectRecord, Bool))] {
                let error = await #expect(throws: ObjectError.self) { _ = try await attempt() }
                #expect(error?.code == code)
            }
            #expect(try await store.objects(prefix: "", after: nil, limit: 10).map(\.name) == ["a"])
            #expect(try files(path) == [Self.hash([1, 2, 3, 4, 5])])
            #expect(try drafts(path).isEmpty)
            // What was refused has given its room back.
            try await put([9, 9, 9], as: "c", service)
        }
    }

    @Test func `a key stores so many objects at once, and all keys together so many`() async throws {
        var limits = ObjectLimits()
        limits.uploads = 3
        limits.uploadsOfKey = 2
        try await with(limits) { service, _, _ async throws in
            var drafts = [
                try await service.begin(for: "a", expecting: 1), try await service.begin(for: "a", expecting: 1),
            ]
            let own = await #expect(throws: ObjectError.self) { _ = try await service.begin(for: "a", expecting: 1) }
            drafts.append(try await service.begin(for: "b", expecting: 1))
            let all = await #expect(throws: ObjectError.self) { _ = try await service.begin(for: "b", expecting: 1) }
            drafts.removeFirst()
            _ = try await service.begin(for: "a", expecting: 1)

            #expect(own?.code == .tooManyUploadsOfKey)
            #expect(all?.code == .tooManyUploads)
        }
    }

    @Test func `bytes go when no name stands for them and no open job needs them`() async throws {
        var limits = ObjectLimits()
        limits.sweepAge = .zero
        try await with(limits) { service, store, path async throws in
            let old = try await put([1], as: "a", service).record
            try await put([2], as: "a", service)
            let agent = AgentIntroduction(id: AgentID("x"), hostname: "x", labels: [:], facts: [:], version: "")
            _ = try await store.record([.introduced(agent)], now: Self.now)
            let id = JobID(high: 1, low: 1)
            _ = try await store.create(job(id, needing: old.sha256))
            #expect(try await service.sweep().removed == 0)
            #expect(try await store.size(of: old.sha256, neededBy: AgentID("x")) == 1)
            #expect(try await store.size(of: old.sha256, neededBy: AgentID("y")) == nil)
            #expect(try await store.size(of: Self.hash([2]), neededBy: AgentID("x")) == nil)

            let report = RunReport(sequence: 1, jobID: id, attempt: 1, event: .ended(RunOutcome(state: .completed)))
            _ = try await store.record([.reported(AgentID("x"), report)], now: Self.now)

            #expect(try await store.size(of: old.sha256, neededBy: AgentID("x")) == nil)
            #expect(try await service.sweep().removed == 1)
            #expect(try files(path) == [Self.hash([2])])
            #expect(try drafts(path).isEmpty)
            #expect(try await service.sweep().removed == 0)
        }
    }

    @Test func `what many ended jobs have kept goes at once, and not a step every few seconds`() async throws {
        var limits = ObjectLimits()
        limits.sweepAge = .zero
        try await with(limits) { service, store, path async throws in
            let object = try await put([1], as: "a", service).record
            let agent = AgentIntroduction(id: AgentID("x"), hostname: "x", labels: [:], facts: [:], version: "")
            _ = try await store.record([.introduced(agent)], now: Self.now)
            let ids = (1...250).map { JobID(high: 0x018B_CFE5_6800_7000 + $0 << 16, low: 0x8000_0000_0000_0000 | $0) }
            for id in ids { _ = try await store.create(job(id, needing: object.sha256)) }
            #expect(try await store.removeObject(named: "a", audit: entry(object)))
            #expect(try await service.sweep() == ObjectSweep(removed: 0, isMore: false))
            let reports = ids.map {
                RunReport(sequence: 1, jobID: $0, attempt: 1, event: .ended(RunOutcome(state: .completed)))
            }
            _ = try await store.record(reports.map { .reported(AgentID("x"), $0) }, now: Self.now)

            var steps = 1
            while try await service.sweep().isMore { steps += 1 }

            #expect(steps == 3)
            #expect(try files(path).isEmpty)
        }
    }

    private func job(_ id: JobID, needing sha256: String) -> NewJob {
        NewJob(
            id: id,
            request: JobRequest(operation: OperationRequest(type: "ping"), target: "x"),
            agents: [(id: AgentID("x"), hostname: "x")],
            offerNow: [],
            createdAt: Self.now,
            deadlineAt: Self.now + .seconds(60),
            hardEndAt: Self.now + .seconds(600),
            createdBy: "ann",
            objects: [sha256]
        )
    }

    @Test func `a download that has begun goes on when the object is deleted`() async throws {
        var limits = ObjectLimits()
        limits.sweepAge = .zero
        try await with(limits) { service, store, path async throws in
            let record = try await put([1, 2, 3], as: "a", service).record
            let content = try await service.content(of: record.sha256)
            #expect(try await store.removeObject(named: "a", audit: entry(record)))
            #expect(try await service.sweep().removed == 1)

            #expect(try files(path).isEmpty)
            #expect(try await content.read(at: 0, count: 10) == [1, 2, 3])
            await #expect(throws: StoreError.self) { _ = try await service.content(of: record.sha256) }
        }
    }

    @Test func `what a crash leaves is deleted at the next start`() async throws {
        try await with { service, store, path async throws in
            let record = try await put([1], as: "a", service).record
            try Data([7]).write(to: URL(fileURLWithPath: path + "/" + String(repeating: "0", count: 64)))
            try Data([7]).write(to: URL(fileURLWithPath: path + "/incoming/draft"))

            let again = try self.service(store, path, ObjectLimits())
            try await again.removeStrays()

            #expect(try files(path) == [record.sha256])
            #expect(try drafts(path).isEmpty)
        }
    }
}
