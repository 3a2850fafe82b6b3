// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
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
            self = .welcome(
                storeID: welcome.storeID,
                heartbeat: .milliseconds(welcome.heartbeatMs),
                jobKeys: welcome.jobKeys.map { String(decoding: $0, as: UTF8.self) }
            )
        case .introduce:
            self = .introduce
        case .work(let work):
            self = .work(
                storeID: work.storeID,
                try deliveries(work.deliveries),
                parked: .milliseconds(Int64(clamping: work.parkedMs)),
                heartbeat: work.heartbeatMs == 0 ? nil : .milliseconds(work.heartbeatMs),
                outputs: try outputRequests(work.outputRequests)
            )
        case .receipt(let receipt):
            self = .receipt(receipt.sequences)
        case .refusal(let refusal):
            self = .refusal(
                code: refusal.code,
                message: refusal.message,
                retryAfter: .milliseconds(refusal.retryAfterMs)
            )
        case .credentials(let credentials):
            self = .credentials(
                AgentCredentials(
                    certificateChain: credentials.certificateChain,
                    authorities: credentials.authorities
                )
            )
        case .object(let piece):
            self = .piece(try ObjectPiece(piece))
        case .upload(let receipt):
            self = .uploaded(try UploadReceipt(receipt))
        case .outputReceipt(let receipt):
            self = .outputReceipt(goesOn: receipt.goOn)
        case nil:
            throw .malformed("no body")
        }
    }

    /// The message as it goes over the wire.
    package var bytes: [UInt8] {
        var message = PBControllerMessage()
        message.protocol = protocolVersion
        switch self {
        case .welcome(let storeID, let heartbeat, let jobKeys):
            message.welcome.storeID = storeID
            message.welcome.heartbeatMs = UInt32(clamping: heartbeat.wholeMilliseconds)
            message.welcome.jobKeys = jobKeys.map { Data($0.utf8) }
        case .introduce:
            message.introduce = PBIntroduce()
        case .work(let storeID, let deliveries, let parked, let heartbeat, let outputs):
            message.work.parkedMs = UInt64(max(0, parked.wholeMilliseconds))
            message.work.storeID = storeID
            message.work.deliveries = deliveries.map(\.protobuf)
            message.work.outputRequests = outputs.map(\.protobuf)
            if let heartbeat { message.work.heartbeatMs = UInt32(clamping: heartbeat.wholeMilliseconds) }
        case .receipt(let sequences):
            message.receipt.sequences = sequences
        case .credentials(let credentials):
            message.credentials.certificateChain = credentials.certificateChain
            message.credentials.authorities = credentials.authorities
        case .piece(let piece):
            message.object = piece.protobuf
        case .uploaded(let receipt):
            message.upload = receipt.protobuf
        case .outputReceipt(let goesOn):
            message.outputReceipt.goOn = goesOn
        case .refusal(let code, let text, let retryAfter):
            message.refusal.code = code
            message.refusal.message = text
            message.refusal.retryAfterMs = UInt32(clamping: retryAfter.wholeMilliseconds)
        }
        return serialise(message)
    }
}

private func outputRequests(_ messages: [PBOutputRequest]) throws(WireError) -> [OutputRequest] {
    guard messages.count <= WireLimits.outputRequests else { throw .malformed("too many requests for output") }
    var requests: [OutputRequest] = []
    for message in messages { requests.append(try OutputRequest(message)) }
    return requests
}

private func deliveries(_ messages: [PBDelivery]) throws(WireError) -> [SealedDelivery] {
    var deliveries: [SealedDelivery] = []
    deliveries.reserveCapacity(messages.count)
    for message in messages { deliveries.append(try SealedDelivery(message)) }
    return deliveries
}
