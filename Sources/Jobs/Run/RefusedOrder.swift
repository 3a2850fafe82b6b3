// SPDX-License-Identifier: Apache-2.0

/// An order, to cancel or to go ahead, that an agent does not follow.
public struct RefusedOrder: Codable, Hashable, Sendable {
    /// The job in whose name it was delivered.
    public let jobID: JobID
    /// The number of the delivery.
    public let delivery: UInt64
    /// Why: the raw value of a ``Refusal``, and words.
    public let error: RunError

    /// Makes a value of its parts.
    public init(jobID: JobID, delivery: UInt64, error: RunError) {
        self.jobID = jobID
        self.delivery = delivery
        self.error = error
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case delivery
        case error
    }
}
