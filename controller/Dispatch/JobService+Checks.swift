// SPDX-License-Identifier: Apache-2.0

import Jobs

extension JobService {
    func check(_ request: JobRequest, _ catalogue: OperationCatalogue) throws(SubmissionError) -> Duration {
        guard catalogue[request.operation.type] != nil else {
            let type = request.operation.type
            let detail =
                directory.leftOut(type).map { "'\(type)' is not used: \($0.reason)" } ?? catalogue.unknown(type)
            throw SubmissionError(
                .unknownOperation,
                detail,
                faults: [Fault(pointer: "/operation/type", detail: detail)]
            )
        }
        let faults = catalogue.faults(in: request.operation, at: "/operation")
        guard faults.isEmpty else {
            throw SubmissionError(
                .invalidParameters,
                "the parameters do not fit \(request.operation.type)",
                faults: faults
            )
        }
        if let note = request.note { try check(note, at: "/note") }
        try check(request.retry)
        if let problem = JobLabels.problem(of: request.labels ?? [:]) { throw outOfRange("/labels", problem) }
        return try deadline(of: request)
    }

    /// Checks words that are kept for people: a note, a reason.
    func check(_ words: String, at pointer: String) throws(SubmissionError) {
        if words.unicodeScalars.count > limits.noteLength || words.utf8.contains(0) {
            let name = pointer.dropFirst()
            throw outOfRange(pointer, "a \(name) has at most \(limits.noteLength) characters, and no NUL among them")
        }
    }

    private func check(_ retry: RetryPolicy?) throws(SubmissionError) {
        guard let retry else { return }
        guard RetryPolicy.attempts.contains(retry.maxAttempts) else {
            let range = RetryPolicy.attempts
            throw outOfRange("/retry/max_attempts", "there are \(range.lowerBound) to \(range.upperBound) attempts")
        }
        guard RetryPolicy.backoffs.contains(retry.backoff) else {
            let range = RetryPolicy.backoffs
            throw outOfRange(
                "/retry/backoff",
                "a backoff is \(Int(range.lowerBound)) to \(Int(range.upperBound)) seconds"
            )
        }
    }

    private func deadline(of request: JobRequest) throws(SubmissionError) -> Duration {
        guard let seconds = request.deadline else { return limits.defaultDeadline }
        let range = limits.minimumDeadline.components.seconds...limits.maximumDeadline.components.seconds
        guard seconds.isFinite, seconds >= Double(range.lowerBound), seconds <= Double(range.upperBound) else {
            throw outOfRange(
                "/deadline",
                "a deadline is \(range.lowerBound) to \(range.upperBound) seconds"
            )
        }
        return .milliseconds(Int64(seconds * 1000))
    }

    private func outOfRange(_ pointer: String, _ detail: String) -> SubmissionError {
        SubmissionError(.outOfRange, detail, faults: [Fault(pointer: pointer, detail: detail)])
    }
}
