// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Jobs

/// What a job asks of each of its agents: the part of a delivery that is signed, the same for all of them.
package struct Envelope: Hashable, Sendable {
    /// The job.
    package let jobID: JobID
    /// The attempt in which it begins.
    package let attempt: Int
    /// What to do.
    package let operation: OperationRequest
    /// How to execute it.
    package let policy: ExecutionPolicy
    /// Who submitted the job: the name of the API key; nil where that is not known.
    package let submittedBy: String?
    /// Not to begin before this time.
    package let notBefore: Timestamp
    /// The time to start it is over then.
    package let deadline: Timestamp
    /// How many agents are in the job's frozen set.
    package let targetSize: UInt64
    /// The 32 bytes that stand for them.
    package let targetRoot: [UInt8]
    /// The place in a trace at which the job was asked for; nil where none was told.
    package let trace: TraceContext?

    /// Makes the envelope of an assignment, for the agents that `targetRoot` stands for.
    package init(of assignment: Assignment, targetSize: UInt64, targetRoot: [UInt8]) {
        jobID = assignment.jobID
        attempt = assignment.attempt
        operation = assignment.operation
        policy = assignment.policy
        submittedBy = assignment.submittedBy
        notBefore = assignment.notBefore
        deadline = assignment.deadline
        trace = assignment.trace
        self.targetSize = targetSize
        self.targetRoot = targetRoot
    }

    /// The run that an agent gets by it.
    ///
    /// - Parameters:
    ///   - delivery: the number of the delivery to the agent.
    ///   - startWithin: how long it may still be started.
    /// - Returns: the run.
    package func assignment(delivery: UInt64, startWithin: Duration) -> Assignment {
        Assignment(
            jobID: jobID,
            attempt: attempt,
            delivery: delivery,
            operation: operation,
            startWithin: startWithin,
            policy: policy,
            submittedBy: submittedBy,
            notBefore: notBefore,
            deadline: deadline,
            trace: trace
        )
    }
}

// MARK: Bytes

extension Envelope {
    /// Reads the bytes that were signed.
    ///
    /// - Throws: ``WireError``; never traps, whatever the bytes are.
    package init(bytes: Data) throws(WireError) {
        let message: PBEnvelope = try parse(Array(bytes))
        guard !message.operation.isEmpty else { throw .malformed("an envelope without an operation") }
        try check(message.operation, 1...WireLimits.identifier, "operation")
        try check(message.submittedBy, 0...WireLimits.identifier, "submitted_by")
        jobID = try Wire.jobID(message.jobID)
        attempt = try Wire.attempt(message.attempt)
        let (type, isDryRun) = Self.operation(message.operation)
        operation = OperationRequest(
            type: type,
            data: try jsonValue(message.parametersJson) ?? .object([:])
        )
        var policy = ExecutionPolicy(message)
        policy.isDryRun = isDryRun
        self.policy = policy
        submittedBy = message.submittedBy.isEmpty ? nil : message.submittedBy
        notBefore = try timestamp(message.notBeforeMs)
        deadline = try timestamp(message.deadlineMs)
        targetSize = message.targetSize
        targetRoot = Array(message.targetRoot)
        // What is none is passed over: a run does not fail for want of a trace.
        trace = TraceContext(message.traceparent)
    }

    /// Stands before the name of an operation of which only is to be told what it would do: an agent that knows of no dry
    /// runs knows no operation of that name either, and does nothing.
    private static let dryRunPrefix = "dry_run:"

    private static func operation(_ name: String) -> (type: String, isDryRun: Bool) {
        name.hasPrefix(dryRunPrefix) ? (String(name.dropFirst(dryRunPrefix.count)), true) : (name, false)
    }

    /// The bytes to sign and to deliver.
    package var bytes: Data {
        var message = PBEnvelope()
        message.jobID = jobIDBytes(jobID)
        message.attempt = UInt32(clamping: attempt)
        message.operation = (policy.isDryRun ? Self.dryRunPrefix : "") + operation.type
        message.parametersJson = jsonBytes(operation.data)
        policy.write(to: &message)
        message.submittedBy = submittedBy ?? ""
        message.notBeforeMs = notBefore.milliseconds
        message.deadlineMs = deadline.milliseconds
        message.targetSize = targetSize
        message.targetRoot = Data(targetRoot)
        message.traceparent = trace?.description ?? ""
        return serialisedData(message)
    }
}

/// Reads a time from 1970 to 9999.
func timestamp(_ milliseconds: Int64) throws(WireError) -> Timestamp {
    guard (0...253_402_300_799_999).contains(milliseconds) else { throw .malformed("time") }
    return Timestamp(milliseconds: milliseconds)
}

extension ExecutionPolicy {
    fileprivate init(_ envelope: PBEnvelope) {
        self.init()
        maxAttempts = max(1, Int(envelope.maxAttempts))
        backoff = .milliseconds(Int64(clamping: envelope.backoffMs))
        onInterrupt = envelope.rerunInterrupted ? .rerun : .fail
        isExclusive = envelope.exclusive
        awaitsGo = envelope.awaitGo
    }

    fileprivate func write(to envelope: inout PBEnvelope) {
        envelope.maxAttempts = UInt32(clamping: maxAttempts == 1 ? 0 : maxAttempts)
        envelope.backoffMs = UInt64(max(0, backoff.wholeMilliseconds))
        envelope.rerunInterrupted = onInterrupt == .rerun
        envelope.exclusive = isExclusive
        envelope.awaitGo = awaitsGo
    }
}
