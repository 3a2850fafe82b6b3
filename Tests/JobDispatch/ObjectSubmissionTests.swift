// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import JobDispatch
import Jobs
import Store
import Testing

/// Submissions that name stored objects.
struct ObjectSubmissionTests {
    private static let now = DispatchFixture.start
    private static let hashes = ["a", "b"].map { String(repeating: $0, count: 64) }

    private func name(_ name: String, _ sha256: String, in store: SQLiteStore) async throws {
        let record = ObjectRecord(name: name, sha256: sha256, size: 7, createdAt: Self.now)
        let object = NewObject(record: record, mustBeNew: false, maximumTotal: .max)
        _ = try await store.keep(object, audit: nil) {}
    }

    private func with(_ body: (JobService, SQLiteStore) async throws -> Void) async throws {
        let store = try SQLiteStore.inMemory()
        _ = try await store.record([.introduced(DispatchFixture.introduction("a"))], now: Self.now)
        let directory = AgentDirectory(try await store.agents(), now: .now)
        let service = JobService(
            store: store,
            directory: directory,
            signal: DeliverySignal(),
            limits: JobLimits(),
            objects: store
        )
        try await body(service, store)
    }

    private func request(_ object: JSONValue) -> JobRequest {
        JobRequest(operation: OperationRequest(type: "object.fetch", data: ["object": object]), target: "a")
    }

    @Test func `what runs is what the name stood for at submission`() async throws {
        try await with { service, store async throws in
            try await name("x", Self.hashes[0], in: store)
            let job = try await service.submit(request("x"), by: .ann, now: Self.now).job
            try await name("x", Self.hashes[1], in: store)

            let offers = try await store.offers(
                for: [OfferRequest(agentID: DispatchFixture.id("a"), held: 0)],
                limit: 10,
                now: Self.now
            )
            let operation = offers.values.first?.first?.assignment?.operation
            let expected: JSONValue = ["name": "x", "sha256": .string(Self.hashes[0]), "size": 7]
            #expect(operation?.data["object"] == expected)
            #expect(try await store.job(job.id)?.operation.data["object"] == expected)
            #expect(try await store.size(of: Self.hashes[0], neededBy: DispatchFixture.id("a")) == 7)
        }
    }

    @Test func `an unknown name, or one that stands for other bytes, is refused with its place`() async throws {
        try await with { service, store async throws in
            try await name("x", Self.hashes[0], in: store)
            let other: JSONValue = ["name": "x", "sha256": .string(Self.hashes[1]), "size": 7]
            for object in ["y", other] as [JSONValue] {
                let error = await #expect(throws: SubmissionError.self) {
                    _ = try await service.submit(request(object), by: .ann, now: Self.now)
                }
                #expect(error?.code == .invalidParameters)
                #expect(error?.faults.first?.pointer == "/operation/data/object")
            }
            let same: JSONValue = ["name": "x", "sha256": .string(Self.hashes[0]), "size": 7]
            _ = try await service.submit(request(same), by: .ann, now: Self.now)
        }
    }

    @Test func `a retry gets the bytes of the first time, as long as they are there`() async throws {
        try await with { service, store async throws in
            try await name("x", Self.hashes[0], in: store)
            let job = try await service.submit(request("x"), by: .ann, now: Self.now).job
            try await name("x", Self.hashes[1], in: store)
            try await fail(job, store)

            let retry = try await service.retry(job.id, only: .failed, by: .ann, now: Self.now).job
            #expect(retry.operation.data["object"]?["sha256"]?.string == Self.hashes[0])
            try await fail(retry, store)
            for _ in 0..<2 {
                _ = try await store.sweepObjects(unneededFor: .zero, limit: 10, now: Self.now) { _ in }
            }
            let error = await #expect(throws: SubmissionError.self) {
                _ = try await service.retry(job.id, only: .failed, by: .ann, now: Self.now)
            }
            #expect(error?.message.contains("deleted") == true)
        }
    }

    private func fail(_ job: Job, _ store: SQLiteStore) async throws {
        let outcome = RunOutcome(state: .failed, error: RunError(code: "x", message: ""))
        let report = RunReport(sequence: 1, jobID: job.id, attempt: 1, event: .ended(outcome))
        _ = try await store.record([.reported(DispatchFixture.id("a"), report)], now: Self.now)
    }
}
