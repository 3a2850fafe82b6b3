// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import SwiftProtobuf

extension AgentMessage {
    /// Reads a message from an agent and checks every limit.
    ///
    /// - Throws: ``WireError``; never traps, whatever the bytes are.
    package init(bytes: [UInt8]) throws(WireError) {
        let message: PBAgentMessage = try parse(bytes)
        guard message.protocol == protocolVersion else { throw .foreignVersion(message.protocol) }
        switch message.body {
        case .hello(let hello): self = .hello(try Introduction(hello))
        case .poll(let poll): self = .poll(try Poll(poll))
        case .reports(let reports): self = .reports(try Wire.reports(reports.reports))
        case .credentials(let request):
            guard request.certificateRequest.count <= WireLimits.certificateRequest else {
                throw .malformed("the certificate request is too large")
            }
            self = .credentials(certificateRequest: Array(request.certificateRequest))
        case .object(let question): self = .object(try ObjectQuestion(question))
        case .upload(let upload): self = .upload(try ObjectUpload(upload))
        case .output(let piece): self = .output(try OutputPiece(piece))
        case nil: throw .malformed("no body")
        }
    }

    /// The message as it goes over the wire.
    package var bytes: [UInt8] {
        var message = PBAgentMessage()
        message.protocol = protocolVersion
        switch self {
        case .hello(let introduction): message.hello = introduction.protobuf
        case .poll(let poll): message.poll = poll.protobuf
        case .reports(let reports): message.reports.reports = reports.map(\.protobuf)
        case .credentials(let request): message.credentials.certificateRequest = Data(request)
        case .object(let question): message.object = question.protobuf
        case .upload(let upload): message.upload = upload.protobuf
        case .output(let piece): message.output = piece.protobuf
        }
        return serialise(message)
    }
}

private func reports(_ messages: [PBReport]) throws(WireError) -> [RunReport] {
    guard messages.count <= WireLimits.reports else { throw .malformed("too many reports") }
    var reports: [RunReport] = []
    reports.reserveCapacity(messages.count)
    for report in messages { reports.append(try RunReport(report)) }
    return reports
}

// MARK: Parts

extension Introduction {
    fileprivate init(_ message: PBHello) throws(WireError) {
        try check(message.instance, 1...WireLimits.identifier, "instance")
        try check(message.hostname, 1...WireLimits.hostname, "hostname")
        guard message.hostname.utf8.allSatisfy(isHostnameByte),
            message.hostname.first.map({ $0.isLetter || $0.isNumber }) == true
        else { throw .malformed("hostname") }
        try check(message.agentVersion, 0...WireLimits.identifier, "agent_version")
        try check(message.ledgerID, 0...WireLimits.identifier, "ledger_id")
        guard message.labels.count <= WireLimits.labels else { throw .malformed("too many labels") }
        for (name, value) in message.labels {
            try check(name, 1...WireLimits.label, "label")
            try check(value, 0...WireLimits.label, "label")
        }
        guard message.factsJson.count <= WireLimits.facts else { throw .malformed("facts are too large") }
        self.init(
            instance: message.instance,
            hostname: message.hostname,
            labels: message.labels,
            facts: try Self.facts(message),
            version: message.agentVersion,
            ledgerID: message.ledgerID,
            jobKeysVersion: message.jobKeysVersion,
            certificateExpiresAt: message.certificateExpiresAtMs == 0
                ? nil : try timestamp(message.certificateExpiresAtMs)
        )
    }

    private static func facts(_ message: PBHello) throws(WireError) -> [String: JSONValue] {
        guard !message.factsJson.isEmpty else { return [:] }
        guard let facts = try jsonValue(message.factsJson)?.object else { throw .malformed("facts are no object") }
        return facts
    }

    fileprivate var protobuf: PBHello {
        var message = PBHello()
        message.instance = instance
        message.hostname = hostname
        message.labels = labels
        message.factsJson = jsonBytes(.object(facts))
        message.agentVersion = version
        message.ledgerID = ledgerID
        message.jobKeysVersion = jobKeysVersion
        message.certificateExpiresAtMs = certificateExpiresAt?.milliseconds ?? 0
        return message
    }
}

extension Poll {
    fileprivate init(_ message: PBPoll) throws(WireError) {
        try check(message.instance, 1...WireLimits.identifier, "instance")
        try check(message.storeID, 0...WireLimits.identifier, "store_id")
        guard message.active.count <= WireLimits.activeRuns else { throw .malformed("too many active runs") }
        guard message.held <= WireLimits.held else { throw .malformed("held") }
        var active: [ActiveRun] = []
        for run in message.active {
            active.append(ActiveRun(jobID: try jobID(run.jobID), attempt: try attempt(run.attempt)))
        }
        self.init(
            instance: message.instance,
            storeID: message.storeID,
            held: message.held,
            active: active,
            sequence: message.sequence,
            refusedOrders: try Self.refusedOrders(message),
            reports: try Wire.reports(message.reports)
        )
    }

    private static func refusedOrders(_ message: PBPoll) throws(WireError) -> [RefusedOrder] {
        guard message.refusedOrders.count <= WireLimits.refusedOrders else {
            throw .malformed("too many refused orders")
        }
        var orders: [RefusedOrder] = []
        for order in message.refusedOrders {
            let error = try RunError(order.error)
            orders.append(RefusedOrder(jobID: try jobID(order.jobID), delivery: order.number, error: error))
        }
        return orders
    }

    fileprivate var protobuf: PBPoll {
        var message = PBPoll()
        message.instance = instance
        message.storeID = storeID
        message.held = held
        message.sequence = sequence
        message.active = active.prefix(WireLimits.activeRuns).map { run in
            var active = PBActiveRun()
            active.jobID = jobIDBytes(run.jobID)
            active.attempt = UInt32(clamping: run.attempt)
            return active
        }
        message.refusedOrders = refusedOrders.suffix(WireLimits.refusedOrders).map { order in
            var refused = PBRefusedOrder()
            refused.jobID = jobIDBytes(order.jobID)
            refused.number = order.delivery
            refused.error = order.error.protobuf
            return refused
        }
        message.reports = reports.map(\.protobuf)
        return message
    }
}

extension RunReport {
    fileprivate init(_ message: PBReport) throws(WireError) {
        let event: RunReport.Event
        switch message.event {
        case .started(let started) where started.hasGoingDown:
            try check(started.goingDown.bootID, 1...WireLimits.identifier, "boot_id")
            event = .goingDown(bootID: started.goingDown.bootID)
        case .started: event = .started
        case .outcome(let outcome): event = .ended(try RunOutcome(outcome))
        case .retrying(let retrying):
            guard retrying.hasOutcome else { throw .malformed("an attempt without an outcome") }
            event = .retrying(
                try RunOutcome(retrying.outcome),
                after: .milliseconds(Int64(clamping: retrying.pauseMs))
            )
        case nil: throw .malformed("a report without an event")
        }
        self.init(
            sequence: message.sequence,
            jobID: try Wire.jobID(message.jobID),
            attempt: try Wire.attempt(message.attempt),
            event: event
        )
    }

    fileprivate var protobuf: PBReport {
        var message = PBReport()
        message.sequence = sequence
        message.jobID = jobIDBytes(jobID)
        message.attempt = UInt32(clamping: attempt)
        switch event {
        case .started: message.started = PBStarted()
        case .goingDown(let bootID): message.started.goingDown.bootID = bootID
        case .ended(let outcome): message.outcome = outcome.protobuf
        case .retrying(let outcome, let pause):
            message.retrying.outcome = outcome.protobuf
            message.retrying.pauseMs = UInt64(max(0, pause.wholeMilliseconds))
        }
        return message
    }
}

extension RunOutcome {
    fileprivate init(_ message: PBOutcome) throws(WireError) {
        guard let state = RunState(message.state) else { throw .malformed("an outcome without a state") }
        var error: RunError?
        if message.hasError { error = try RunError(message.error) }
        self.init(
            state: state,
            changed: message.hasChanged ? message.changed : nil,
            error: error,
            data: try jsonValue(message.dataJson),
            digest: try Self.digest(message)
        )
    }

    private static func digest(_ message: PBOutcome) throws(WireError) -> ResultDigest? {
        guard !message.digest.isEmpty else { return nil }
        guard let digest = ResultDigest(bytes: message.digest) else { throw .malformed("digest") }
        return digest
    }

    fileprivate var protobuf: PBOutcome {
        var message = PBOutcome()
        message.state = PBOutcome.State(state)
        if let changed { message.changed = changed }
        if let error { message.error = error.protobuf }
        if let data { message.dataJson = jsonBytes(data) }
        if let digest { message.digest = Data(digest.bytes) }
        return message
    }
}

extension RunError {
    init(_ message: PBRunError) throws(WireError) {
        try check(message.code, 1...WireLimits.identifier, "error code")
        try check(message.message, 0...WireLimits.errorMessage, "error message")
        self.init(code: message.code, message: message.message)
    }

    var protobuf: PBRunError {
        var error = PBRunError()
        error.code = code
        error.message = message.withoutNUL.cut(toBytes: WireLimits.errorMessage)
        return error
    }
}

extension RunState {
    fileprivate init?(_ state: PBOutcome.State) {
        switch state {
        case .completed: self = .completed
        case .failed: self = .failed
        case .skipped: self = .skipped
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .expired: self = .expired
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension PBOutcome.State {
    fileprivate init(_ state: RunState) {
        switch state {
        case .completed: self = .completed
        case .failed: self = .failed
        case .skipped: self = .skipped
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .expired: self = .expired
        case .pending, .acknowledged, .started, .lost: self = .unspecified
        }
    }
}

private func isHostnameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
    default: false
    }
}
