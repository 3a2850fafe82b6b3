// SPDX-License-Identifier: Apache-2.0

import Jobs
import SwiftProtobuf

extension ControllerMessage {
    /// Reads an answer of the controller.
    ///
    /// - Throws: ``WireError``; never traps, whatever the bytes are.
    package init(bytes: [UInt8]) throws(WireError) {
        let message: PBControllerMessage = try parse(bytes)
        guard message.protocol == protocolVersion else { throw .foreignVersion(message.protocol) }
        switch message.body {
        case .welcome(let welcome):
            self = .welcome(storeID: welcome.storeID, heartbeat: .milliseconds(welcome.heartbeatMs))
        case .introduce:
            self = .introduce
        case .work(let work):
            self = .work(
                storeID: work.storeID,
                try assignments(work.deliveries),
                parked: .milliseconds(Int64(clamping: work.parkedMs))
            )
        case .receipt(let receipt):
            self = .receipt(receipt.sequences)
        case .refusal(let refusal):
            self = .refusal(
                code: refusal.code,
                message: refusal.message,
                retryAfter: .milliseconds(refusal.retryAfterMs)
            )
        case nil:
            throw .malformed("no body")
        }
    }

    /// The message as it goes over the wire.
    package var bytes: [UInt8] {
        var message = PBControllerMessage()
        message.protocol = protocolVersion
        switch self {
        case .welcome(let storeID, let heartbeat):
            message.welcome.storeID = storeID
            message.welcome.heartbeatMs = UInt32(clamping: heartbeat.wholeMilliseconds)
        case .introduce:
            message.introduce = PBIntroduce()
        case .work(let storeID, let assignments, let parked):
            message.work.parkedMs = UInt64(max(0, parked.wholeMilliseconds))
            message.work.storeID = storeID
            message.work.deliveries = assignments.map(\.protobuf)
        case .receipt(let sequences):
            message.receipt.sequences = sequences
        case .refusal(let code, let text, let retryAfter):
            message.refusal.code = code
            message.refusal.message = text
            message.refusal.retryAfterMs = UInt32(clamping: retryAfter.wholeMilliseconds)
        }
        return serialise(message)
    }
}

private func assignments(_ deliveries: [PBDelivery]) throws(WireError) -> [Assignment] {
    var assignments: [Assignment] = []
    assignments.reserveCapacity(deliveries.count)
    for delivery in deliveries { assignments.append(try Assignment(delivery)) }
    return assignments
}

extension Assignment {
    fileprivate init(_ message: PBDelivery) throws(WireError) {
        let envelope: PBEnvelope = try parse(Array(message.envelope))
        guard !envelope.operation.isEmpty else { throw .malformed("an envelope without an operation") }
        guard message.number <= UInt64(Int64.max) else { throw .malformed("delivery number") }
        self.init(
            jobID: try Wire.jobID(envelope.jobID),
            attempt: try Wire.attempt(message.attempt),
            delivery: message.number,
            operation: OperationRequest(
                type: envelope.operation,
                data: try jsonValue(envelope.parametersJson) ?? .object([:])
            ),
            startWithin: .milliseconds(Int64(clamping: message.startWithinMs))
        )
    }

    fileprivate var protobuf: PBDelivery {
        var envelope = PBEnvelope()
        envelope.jobID = jobIDBytes(jobID)
        envelope.operation = operation.type
        envelope.parametersJson = jsonBytes(operation.data)
        var message = PBDelivery()
        message.number = delivery
        message.envelope = serialisedData(envelope)
        message.attempt = UInt32(clamping: attempt)
        message.startWithinMs = UInt64(max(0, startWithin.wholeMilliseconds))
        return message
    }
}
