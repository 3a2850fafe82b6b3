// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A submission or a target was refused; nothing was stored.
package struct SubmissionError: Error, Sendable {
    /// Why.
    package enum Code: String, Sendable {
        /// The operation is not in the catalogue.
        case unknownOperation = "unknown_operation"
        /// The parameters are off the operation's schema.
        case invalidParameters = "invalid_parameters"
        /// The target cannot be parsed.
        case invalidTarget = "invalid_target"
        /// The target selects no agent.
        case emptyTarget = "empty_target"
        /// A number is outside its limits.
        case outOfRange = "out_of_range"
        /// The idempotency key was used for another submission.
        case idempotencyKeyReused = "idempotency_key_reused"
        /// The first submission with the idempotency key is still being taken.
        case idempotencyKeyInUse = "idempotency_key_in_use"
        /// The job that was made with the idempotency key has been deleted.
        case jobDeleted = "job_deleted"
        /// As many jobs are open as may be.
        case tooManyOpenJobs = "too_many_open_jobs"
        /// The key is limited, and this is beyond its limit.
        case forbidden
        /// There is no such job, agent or run.
        case notFound = "not_found"
        /// The job has ended, and there is nothing to cancel.
        case jobFinished = "job_finished"
        /// The job has not ended yet.
        case jobNotFinished = "job_not_finished"
        /// No run of the job belongs to the selection, or none of its hosts is known any more.
        case nothingToRetry = "nothing_to_retry"
    }

    /// Why.
    package let code: Code
    /// In words.
    package let message: String
    /// Where in the body, as JSON Pointers.
    package let faults: [Fault]

    /// Makes an error.
    package init(_ code: Code, _ message: String, faults: [Fault] = []) {
        self.code = code
        self.message = message
        self.faults = faults
    }
}

extension SubmissionError {
    /// Makes an error of a target that cannot be parsed or selects nobody.
    init(_ error: TargetError) {
        let isEmpty = error.code == .nothingSelected || error.code == .nothingConnected
        self.init(
            isEmpty ? .emptyTarget : .invalidTarget,
            error.description,
            faults: [Fault(pointer: "/target", detail: error.description)]
        )
    }
}
