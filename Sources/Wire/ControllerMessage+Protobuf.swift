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
            self = .welcome(Welcome(welcome))
        case .introduce:
            self = .introduce
        case .work(let work):
            self = .work(try Work(work))
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
        case .welcome(let welcome):
            message.welcome = welcome.protobuf
        case .introduce:
            message.introduce = PBIntroduce()
        case .work(let work):
            message.work = work.protobuf
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

// MARK: Parts

extension Welcome {
    fileprivate init(_ message: PBWelcome) {
        self.init(
            storeID: message.storeID,
            heartbeat: .milliseconds(message.heartbeatMs),
            jobKeys: message.jobKeys.map { String(decoding: $0, as: UTF8.self) },
            takesReportsInPolls: message.reportsInPolls
        )
    }

    fileprivate var protobuf: PBWelcome {
        var message = PBWelcome()
        message.storeID = storeID
        message.heartbeatMs = UInt32(clamping: heartbeat.wholeMilliseconds)
        message.jobKeys = jobKeys.map { Data($0.utf8) }
        message.reportsInPolls = takesReportsInPolls
        return message
    }
}

extension Work {
    fileprivate init(_ message: PBWork) throws(WireError) {
        self.init(
            storeID: message.storeID,
            try Wire.deliveries(message.deliveries),
            parked: .milliseconds(Int64(clamping: message.parkedMs)),
            heartbeat: message.heartbeatMs == 0 ? nil : .milliseconds(message.heartbeatMs),
            confirmed: message.confirmed,
            outputs: try outputRequests(message.outputRequests)
        )
    }

    fileprivate var protobuf: PBWork {
        var message = PBWork()
        message.storeID = storeID
        message.deliveries = deliveries.map(\.protobuf)
        message.parkedMs = UInt64(max(0, parked.wholeMilliseconds))
        if let heartbeat { message.heartbeatMs = UInt32(clamping: heartbeat.wholeMilliseconds) }
        message.confirmed = confirmed
        message.outputRequests = outputs.map(\.protobuf)
        return message
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
