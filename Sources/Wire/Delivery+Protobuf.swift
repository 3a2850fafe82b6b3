// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

extension Delivery {
    init(_ message: PBDelivery) throws(WireError) {
        guard message.number <= UInt64(Int64.max) else { throw .malformed("delivery number") }
        switch message.what {
        case .envelope(let bytes): self = .run(try Assignment(message, envelope: try parse(Array(bytes))))
        case .cancel(let cancel):
            self = .cancel(
                CancelOrder(
                    jobID: try Wire.jobID(cancel.jobID),
                    delivery: message.number,
                    grace: cancel.hasGraceMs ? .milliseconds(Int64(clamping: cancel.graceMs)) : nil,
                    requestedBy: cancel.requestedBy.isEmpty ? nil : cancel.requestedBy
                )
            )
        case .go(let go):
            self = .go(GoOrder(jobID: try Wire.jobID(go.jobID), delivery: message.number))
        case nil: throw .malformed("a delivery of an unknown kind")
        }
    }

    func protobuf(_ envelopes: inout EnvelopeCache) -> PBDelivery {
        var message = PBDelivery()
        message.number = number
        switch self {
        case .run(let assignment): assignment.write(to: &message, envelopes.envelope(of: assignment))
        case .cancel(let order):
            message.cancel.jobID = jobIDBytes(order.jobID)
            if let grace = order.grace { message.cancel.graceMs = UInt64(max(0, grace.wholeMilliseconds)) }
            message.cancel.requestedBy = order.requestedBy ?? ""
        case .go(let order):
            message.go.jobID = jobIDBytes(order.jobID)
        }
        return message
    }
}

extension Assignment {
    fileprivate init(_ message: PBDelivery, envelope: PBEnvelope) throws(WireError) {
        guard !envelope.operation.isEmpty else { throw .malformed("an envelope without an operation") }
        self.init(
            jobID: try Wire.jobID(envelope.jobID),
            attempt: try Wire.attempt(message.attempt),
            delivery: message.number,
            operation: OperationRequest(
                type: envelope.operation,
                data: try jsonValue(envelope.parametersJson) ?? .object([:])
            ),
            startWithin: .milliseconds(Int64(clamping: message.startWithinMs)),
            policy: ExecutionPolicy(envelope)
        )
    }

    /// The envelope, which is the same for every agent of the job.
    var envelope: Data {
        var envelope = PBEnvelope()
        envelope.jobID = jobIDBytes(jobID)
        envelope.operation = operation.type
        envelope.parametersJson = jsonBytes(operation.data)
        policy.write(to: &envelope)
        return serialisedData(envelope)
    }

    fileprivate func write(to message: inout PBDelivery, _ envelope: Data) {
        message.envelope = envelope
        message.attempt = UInt32(clamping: attempt)
        message.startWithinMs = UInt64(max(0, startWithin.wholeMilliseconds))
    }
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
