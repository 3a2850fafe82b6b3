// SPDX-License-Identifier: Apache-2.0

public import Jobs

// What is done to jobs and agents.

extension BrokerClient {
    /// Has a job cancelled: runs that no agent has seen are withdrawn at once, the others are ended.
    ///
    /// To ask again is no error, also for a job that was cancelled before.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - reason: why, for people; nil for no word.
    ///   - grace: seconds from SIGTERM to SIGKILL; nil for what each agent's settings say.
    /// - Returns: the record; runs that were under way end after this returns.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func cancel(_ id: JobID, reason: String? = nil, grace: Double? = nil) async throws -> Job {
        try await post(["jobs", id.description, "cancel"], CancelBody(reason: reason, grace: grace))
    }

    /// Makes a new job of runs of one that has ended, on the same hosts.
    ///
    /// - Parameters:
    ///   - id: the job that has ended.
    ///   - only: which of its runs.
    ///   - idempotencyKey: a name for this request, 1 to 255 visible ASCII characters; nil for none.
    /// - Returns: the record of the new job, as it was committed.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func retry(
        _ id: JobID,
        only: RetrySelection = .failed,
        idempotencyKey: String? = nil
    ) async throws -> Job {
        try await post(["jobs", id.description, "retry"], ["only": only.rawValue], idempotencyKey: idempotencyKey)
    }

    /// Deletes a job that has ended, with its runs and its timeline.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func delete(_ id: JobID) async throws {
        try await delete(["jobs", id.description])
    }

    /// Lets an agent finish what it holds and take nothing new.
    ///
    /// - Parameters:
    ///   - hostname: the name of its host.
    ///   - reason: why, for people; nil for no word.
    /// - Returns: the agent.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func drain(_ hostname: String, reason: String? = nil) async throws -> Agent {
        try await post(["agents", hostname, "drain"], CancelBody(reason: reason, grace: nil))
    }

    /// Lets an agent that was drained take new work again.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func resume(_ hostname: String) async throws -> Agent {
        try await post(["agents", hostname, "resume"], [String: String]())
    }
}

/// Members that are nil are left out.
private struct CancelBody: Encodable {
    let reason: String?
    let grace: Double?
}
