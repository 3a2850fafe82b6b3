// SPDX-License-Identifier: Apache-2.0

public import Jobs
internal import NIOCore
internal import NIOHTTP1

// Jobs, their timelines and their runs.

extension BrokerClient {
    /// Submits a job and returns its record.
    ///
    /// A call that times out or breaks off may have been taken all the same. With an idempotency key it can be made again,
    /// for 24 hours, and brings the same job; without one, look at the list of jobs before trying again.
    ///
    /// - Parameters:
    ///   - request: the operation, the target and the rest.
    ///   - idempotencyKey: a name for this submission, 1 to 255 visible ASCII characters; nil for none.
    /// - Returns: the record, as it was committed.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func submit(_ request: JobRequest, idempotencyKey: String? = nil) async throws -> Job {
        try await post(["jobs"], request, idempotencyKey: idempotencyKey)
    }

    /// The record of a job.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - expansions: what it is to have beside itself.
    /// - Returns: the record.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func job(_ id: JobID, expanding expansions: Set<JobExpansion> = [.timeline]) async throws -> Job {
        try await get(["jobs", id.description], query: [("expand", Self.list(expansions))])
    }

    /// Jobs, newest first.
    ///
    /// - Parameters:
    ///   - filter: which jobs.
    ///   - expansions: what the records are to have beside themselves.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing; from a cursor on without the number of all.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func jobs(
        _ filter: JobFilter = JobFilter(),
        expanding expansions: Set<JobExpansion> = [],
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Job> {
        let expand = expansions.isEmpty ? nil : Self.list(expansions)
        return try await get(["jobs"], query: filter.parameters + [("expand", expand)] + window(limit, start))
    }

    private static func list(_ expansions: Set<JobExpansion>) -> String {
        expansions.map(\.rawValue).sorted().joined(separator: ",")
    }

    /// Lines of a job's timeline, in order.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func timeline(
        of id: JobID,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<TimelineEvent> {
        try await get(["jobs", id.description, "timeline"], query: window(limit, start))
    }

    /// Runs of a job, by hostname.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - filter: which runs.
    ///   - data: whether to bring what the operation told, output included.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func runs(
        of id: JobID,
        _ filter: RunFilter = RunFilter(),
        data: Bool = true,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Run> {
        let query = filter.parameters + [("data", data ? nil : "false")] + window(limit, start)
        return try await get(["jobs", id.description, "runs"], query: query)
    }

    /// The runs of a job by their results, the rarest first.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - limit: how many groups at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first. There are no cursors.
    /// - Returns: a part of the groups.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func groups(
        of id: JobID,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<RunGroup> {
        try await get(["jobs", id.description, "groups"], query: window(limit, start))
    }

    /// What the record holds of the output of a job's command on a host.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - hostname: the host.
    ///   - stream: which of the two outputs.
    /// - Returns: the output.
    /// - Throws: ``BrokerClientError``, also where there is none: `run_not_finished`, `no_output`; `CancellationError`.
    public func output(
        of id: JobID,
        on hostname: String,
        _ stream: RunOutput.Stream = .stdout
    ) async throws -> RunOutput {
        let path = ["jobs", id.description, "runs", hostname, "output"]
        let (headers, bytes) = try await getBytes(path, query: [("stream", stream.rawValue)])
        return RunOutput(
            bytes: Array(bytes.readableBytesView),
            isText: headers.first(name: "Content-Type")?.hasPrefix("text/plain") == true,
            totalBytes: headers.first(name: "Output-Total-Bytes").flatMap { Int($0) },
            isTruncated: headers.first(name: "Output-Truncated") == "true",
            sha256: headers.first(name: "Output-SHA256")
        )
    }

    /// All runs of a job, page by page.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - filter: which runs.
    ///   - data: whether to bring what the operation told, output included.
    /// - Returns: a listing, of which nothing is read before it is walked through.
    public func allRuns(of id: JobID, _ filter: RunFilter = RunFilter(), data: Bool = true) -> Listing<Run> {
        // Output makes runs large: smaller pages keep an answer within bounds.
        Listing(pageSize: data ? 100 : 1000) { limit, start in
            try await runs(of: id, filter, data: data, limit: limit, from: start)
        }
    }
}

extension JobFilter {
    /// The filter as parameters of the query.
    var parameters: [(String, String?)] {
        func list(_ words: [String]) -> String? { words.isEmpty ? nil : words.sorted().joined(separator: ",") }
        let labels = labels.sorted { $0.key < $1.key }.map { ("label.\($0.key)", Optional($0.value)) }
        return [
            ("status", list(statuses.map(\.rawValue))), ("operation", list(operations)), ("changed", change?.rawValue),
            ("agent", agent), ("agent_status", list(agentStatuses.map(\.rawValue))), ("created_by", createdBy),
            ("template", template), ("review", review), ("retry_of", retryOf?.description), ("search", search),
            ("from", from?.description), ("to", to?.description),
        ] + labels
    }
}

extension RunFilter {
    /// The filter as parameters of the query.
    var parameters: [(String, String?)] {
        [
            ("status", state?.rawValue), ("changed", change?.rawValue), ("search", search), ("digest", result?.text),
        ]
    }
}

/// The part of a listing that is asked for.
func window(_ limit: Int?, _ start: PageStart?) -> [(String, String?)] {
    [("limit", limit.map(String.init))] + (start.map { [$0.parameter] } ?? [])
}
