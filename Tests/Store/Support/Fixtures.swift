// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

extension Timestamp {
    /// So many seconds after the time at which most tests begin.
    static func at(_ seconds: Int) -> Timestamp {
        Timestamp(milliseconds: 1_700_000_000_000 + Int64(seconds) * 1000)
    }
}

extension JobID {
    /// The id number `number`; ids sort by their numbers.
    static func test(_ number: Int) -> JobID {
        JobID(high: 0x018B_CFE5_6800_7000 + UInt64(number) << 16, low: 0x8000_0000_0000_0000 | UInt64(number))
    }
}

extension AgentID {
    /// The agent that tests have on a host.
    static func on(_ hostname: String) -> AgentID { AgentID("id-of-\(hostname)") }
}

extension AgentUpdate {
    /// A report of the agent on `hostname`.
    static func report(
        _ hostname: String,
        _ job: JobID,
        _ event: RunReport.Event,
        attempt: Int = 1
    ) -> AgentUpdate {
        .reported(.on(hostname), RunReport(sequence: 1, jobID: job, attempt: attempt, event: event))
    }

    static func introduced(
        _ hostname: String,
        id: AgentID? = nil,
        certificateExpiresAt: Timestamp? = nil,
        labels: [String: String] = [:],
        facts: [String: JSONValue] = [:],
        ledger: String = ""
    ) -> AgentUpdate {
        .introduced(
            AgentIntroduction(
                id: id ?? .on(hostname),
                hostname: hostname,
                labels: labels,
                facts: facts,
                version: "1.0.0",
                ledgerID: ledger,
                certificateExpiresAt: certificateExpiresAt
            )
        )
    }
}

extension RunOutcome {
    static let well = RunOutcome(state: .completed, changed: true, data: ["exit_code": 0])
    static let badly = RunOutcome(
        state: .failed,
        error: RunError(code: "non_zero_exit", message: "exit code 3\nmore"),
        data: ["exit_code": 3],
        digest: ResultDigest(bytes: Array(repeating: 3, count: ResultDigest.size))
    )
}

extension JobStore {
    /// Makes the agents of these hosts known.
    func introduce(_ hostnames: [String], now: Timestamp = .at(0)) async throws {
        _ = try await record(hostnames.map { .introduced($0) }, now: now)
    }

    /// Commits job number `number` for the agents of `hostnames`: deadline after 60 seconds, hard end after 200.
    @discardableResult
    func submit(
        _ number: Int,
        _ hostnames: [String],
        offerNow: [String] = [],
        now: Timestamp = .at(0),
        deadline: Int = 60,
        data: JSONValue = ["argv": ["true"]],
        awaitsGo: Bool = false,
        retryOf: Int? = nil,
        retry: RetryPolicy? = nil,
        labels: [String: String]? = nil,
        webhook: NewJobWebhook? = nil,
        trace: TraceContext? = nil
    ) async throws -> CreatedJob {
        let request = JobRequest(
            operation: OperationRequest(type: "command.exec", data: data),
            target: hostnames.joined(separator: ","),
            note: "number \(number)",
            retry: retry,
            labels: labels
        )
        let created = try await create(
            NewJob(
                id: .test(number),
                request: request,
                agents: hostnames.map { (id: .on($0), hostname: $0) },
                offerNow: Set(offerNow.map(AgentID.on)),
                createdAt: now,
                deadlineAt: now + .seconds(deadline),
                hardEndAt: now + .seconds(deadline + 140),
                createdBy: "tester",
                awaitsGo: awaitsGo,
                retryOf: retryOf.map(JobID.test),
                webhook: webhook,
                trace: trace
            )
        )
        return try #require(created)
    }

    /// Offers what there is to the agent on `hostname`, which says that it holds deliveries up to `held`.
    func offer(_ hostname: String, held: UInt64, limit: Int = 100, now: Timestamp = .at(1)) async throws -> [Assignment]
    {
        try await offers(for: [OfferRequest(agentID: .on(hostname), held: held)], limit: limit, now: now)[
            .on(hostname)
        ]?.compactMap(\.assignment) ?? []
    }

    /// The same with deliveries of all kinds.
    func deliveries(_ hostname: String, held: UInt64, now: Timestamp = .at(1)) async throws -> [Delivery] {
        try await offers(for: [OfferRequest(agentID: .on(hostname), held: held)], limit: 100, now: now)[
            .on(hostname)
        ] ?? []
    }

    func existingJob(_ number: Int) async throws -> Job {
        try #require(try await job(.test(number)))
    }

    /// All runs of a job by hostname, read in parts.
    func allRuns(_ id: JobID, state: RunState? = nil, includingData: Bool = false) async throws -> [Run] {
        var runs: [Run] = []
        while true {
            let page = try #require(
                try await self.runs(
                    of: id,
                    state: state,
                    includingData: includingData,
                    limit: 7,
                    offset: runs.count
                )
            )
            runs += page.items
            if page.items.isEmpty || runs.count >= page.total ?? 0 { return runs }
        }
    }

    /// All runs of the jobs of a listing, read in parts.
    func listedRuns(_ query: JobQuery, limit: Int, maximumBytes: Int = .max) async throws -> [ListedRun] {
        var runs: [ListedRun] = []
        while true {
            let part = try await self.runs(
                ofJobs: query,
                after: runs.last?.place,
                limit: limit,
                maximumBytes: maximumBytes
            )
            #expect(part.items.count <= limit && (!part.hasMore || !part.items.isEmpty))
            runs += part.items
            guard part.hasMore, !part.items.isEmpty else { return runs }
        }
    }

    func run(_ number: Int, _ hostname: String) async throws -> Run {
        try #require(
            try await allRuns(.test(number), includingData: true).first { $0.hostname == hostname }
        )
    }

    func allEvents(_ id: JobID) async throws -> [TimelineEvent] {
        var events: [TimelineEvent] = []
        while true {
            let page = try #require(try await timeline(of: id, limit: 20, offset: events.count))
            events += page.items
            if page.items.isEmpty || events.count >= page.totalItems ?? 0 { return events }
        }
    }

    /// What the timeline says of one host.
    func steps(_ number: Int, _ hostname: String) async throws -> [TimelineEvent.Kind] {
        try await allEvents(.test(number)).filter { $0.hostname == hostname }.map(\.event)
    }
}

extension WebhookStore {
    /// What is to be sent now, where it does not matter which host was told of jobs before.
    func dueDeliveries(limit: Int, ofLane: Int, now: Timestamp) async throws -> [DueDelivery] {
        try await dueDeliveries(limit: limit, ofLane: ofLane, after: "", now: now).deliveries
    }
}
