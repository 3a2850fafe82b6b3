// SPDX-License-Identifier: Apache-2.0

public import Jobs

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

    /// The record of a job, with the first lines of its timeline.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func job(_ id: JobID) async throws -> Job {
        try await get(["jobs", id.description])
    }

    /// Jobs, newest first, without timelines.
    ///
    /// - Parameters:
    ///   - status: only jobs with this status; nil for all.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func jobs(
        status: JobStatus? = nil,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Job> {
        try await get(["jobs"], query: [("status", status?.rawValue)] + window(limit, start))
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
    ///   - state: only runs in this state; nil for all.
    ///   - data: whether to bring what the operation told, output included.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func runs(
        of id: JobID,
        state: RunState? = nil,
        data: Bool = true,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<Run> {
        let filter = [("state", state?.rawValue), ("data", data ? nil : "false")]
        return try await get(["jobs", id.description, "runs"], query: filter + window(limit, start))
    }

    /// All runs of a job, page by page.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - state: only runs in this state; nil for all.
    ///   - data: whether to bring what the operation told, output included.
    /// - Returns: a listing, of which nothing is read before it is walked through.
    public func allRuns(of id: JobID, state: RunState? = nil, data: Bool = true) -> Listing<Run> {
        // Output makes runs large: smaller pages keep an answer within bounds.
        Listing(pageSize: data ? 100 : 1000) { limit, start in
            try await runs(of: id, state: state, data: data, limit: limit, from: start)
        }
    }
}

/// The part of a listing that is asked for.
func window(_ limit: Int?, _ start: PageStart?) -> [(String, String?)] {
    [("limit", limit.map(String.init))] + (start.map { [$0.parameter] } ?? [])
}
