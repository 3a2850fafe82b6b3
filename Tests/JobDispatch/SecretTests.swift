// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Sealing
import Store
import Testing

/// Submissions with secrets.
struct SecretTests {
    private let keys = ["a": SealingKey(), "b": SealingKey()]

    /// Runs `body` with the agents `a` and `b`, which have told their keys, and `c`, which has not.
    private func withService(
        limits: JobLimits = JobLimits(),
        _ body: (JobService) async throws -> Void
    ) async throws {
        let store = try SQLiteStore.inMemory()
        for host in ["a", "b", "c"] {
            let facts = keys[host].map { [SealingPublicKey.fact: JSONValue.string($0.publicKey.text)] }
            let agent = AgentIntroduction(
                id: AgentID("id-\(host)"),
                hostname: host,
                labels: [:],
                facts: facts ?? [:],
                version: "test"
            )
            _ = try await store.record([.introduced(agent)], now: Self.noon)
        }
        let directory = AgentDirectory(try await store.agents(), now: .now)
        for host in ["a", "b", "c"] { _ = directory.setConnected(AgentID("id-\(host)"), true) }
        try await body(JobService(store: store, directory: directory, signal: DeliverySignal(), limits: limits))
    }

    private static let noon = Timestamp(milliseconds: 1_795_262_400_000)

    private func request(_ target: String, _ secrets: JSONValue = ["TOKEN": "hunter2"]) -> JobRequest {
        JobRequest(
            operation: OperationRequest(type: "command.exec", data: ["argv": ["x"], "secret_env": secrets]),
            target: target
        )
    }

    private func submit(_ request: JobRequest, _ service: JobService, key: String? = nil) async throws -> Job {
        try await service.submit(request, by: .ann, idempotencyKey: key, now: Self.noon).job
    }

    @Test func `what is stored and delivered is sealed to the agents of the job`() async throws {
        try await withService { service in
            let job = try await submit(request("a,b"), service)

            let stored = try #require(try await service.store.job(job.id)).operation
            #expect(stored.data["secret_env"]?["TOKEN"]?.isSealed == true)
            #expect(!String(decoding: try stored.data.text(), as: UTF8.self).contains("hunter2"))
            for (host, key) in keys {
                let opened = try service.catalogue.opening(stored, by: AgentID("id-\(host)"), with: key)
                #expect(opened.data["secret_env"] == ["TOKEN": "hunter2"])
            }
            let offers = try await service.store.offers(
                for: [OfferRequest(agentID: AgentID("id-a"), held: 0)],
                limit: 10,
                now: Self.noon
            )
            #expect(offers[AgentID("id-a")]?.first?.assignment?.operation == stored)
        }
    }

    @Test func `a job with secrets is refused where not every host can open them`() async throws {
        var limits = JobLimits()
        limits.sealedSecrets = 3
        try await withService(limits: limits) { service in
            for (target, secrets) in [
                ("a,c", ["TOKEN": "x"]), ("_any", ["TOKEN": "x"]), ("a,b", ["ONE": "x", "TWO": "x"]),
            ] as [(String, JSONValue)] {
                let error = await #expect(throws: SubmissionError.self) {
                    try await submit(request(target, secrets), service)
                }
                #expect(error?.code == .invalidParameters)
                #expect(error?.faults.first?.pointer == "/operation/data")
            }
            #expect(try await service.store.jobs(status: nil, limit: 10, offset: 0).items.isEmpty)
            _ = try await submit(request("c", [:]), service)
        }
    }

    @Test func `a fault in a secret does not tell it`() async throws {
        try await withService { service in
            for secrets in [["A=B": "hunter2"], ["A": "hunter2\u{0}"], ["A": ["hunter2"]]] as [JSONValue] {
                let error = await #expect(throws: SubmissionError.self) {
                    try await submit(request("a", secrets), service)
                }
                #expect(error?.faults.isEmpty == false)
                #expect("\(error?.message ?? "")\(error?.faults ?? [])".contains("hunter2") == false)
            }
        }
    }

    @Test func `a submission that is sent again brings the same job`() async throws {
        try await withService { service in
            let first = try await submit(request("a"), service, key: "once")
            let second = try await submit(request("a"), service, key: "once")

            #expect(first.id == second.id)
        }
    }

    @Test func `a retry takes the sealed secrets along`() async throws {
        try await withService { service in
            let job = try await submit(request("a"), service)
            let failed = RunOutcome(state: .failed, error: RunError(code: "x", message: ""))
            let report = RunReport(sequence: 1, jobID: job.id, attempt: 1, event: .ended(failed))
            _ = try await service.store.record([.reported(AgentID("id-a"), report)], now: Self.noon)

            let retry = try await service.retry(job.id, only: .failed, by: .ann, now: Self.noon).job

            let stored = try #require(try await service.store.job(retry.id)).operation
            let opened = try service.catalogue.opening(stored, by: AgentID("id-a"), with: try #require(keys["a"]))
            #expect(opened.data["secret_env"] == ["TOKEN": "hunter2"])
        }
    }
}
