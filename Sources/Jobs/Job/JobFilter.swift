// SPDX-License-Identifier: Apache-2.0

/// Which jobs a listing shows: those that fit all that is said here.
public struct JobFilter: Hashable, Sendable {
    /// Whether a job changed hosts.
    public enum Change: String, Codable, Sendable, CaseIterable, Hashable {
        /// It changed at least one.
        case changed = "true"
        /// Some are known to be as they were, and none to be changed.
        case unchanged = "false"
        /// Nothing is known.
        case unknown = "null"
    }

    /// How many operations can be named.
    public static let maximumOperations = 32
    /// How long the beginning of an id can be, in characters.
    public static let maximumSearch = 64

    /// In one of these statuses; empty for any.
    public var statuses: Set<JobStatus> = []
    /// Of one of these operations, `service.*` meaning all whose names begin with `service.`; empty for any.
    public var operations: [String] = []
    /// Whether hosts were changed; nil for either.
    public var change: Change?
    /// With a run on the host of this name, upper and lower case being the same.
    public var agent: String?
    /// Whose run there is in one of these states; only with ``agent``.
    public var agentStatuses: Set<RunState> = []
    /// Submitted with the key of this name.
    public var createdBy: String?
    /// Made from the template of this name.
    public var template: String?
    /// In this state of review.
    public var review: String?
    /// Retries of this job.
    public var retryOf: JobID?
    /// With an id that begins so.
    public var search: String?
    /// Created at this time or later.
    public var from: Timestamp?
    /// Created before this time.
    public var to: Timestamp?
    /// With these labels.
    public var labels: [String: String] = [:]

    /// Makes a filter that all jobs fit.
    public init() {}

    /// Makes a filter by status.
    public init(status: JobStatus?) {
        if let status { statuses = [status] }
    }
}
