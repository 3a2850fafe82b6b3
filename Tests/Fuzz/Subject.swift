// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Signing
import Wire

/// A reader of bytes that strangers send, and what must hold for whatever it takes.
enum Subject: String, CaseIterable {
    /// What agents send.
    case agentMessage = "agent-message"
    /// What the controller sends.
    case controllerMessage = "controller-message"
    /// What of it is signed.
    case envelope
    /// Sets of job keys.
    case jobKeys = "job-keys"
    /// JSON text.
    case json
    /// What agents and the controller say to each other of objects.
    case objectMessage = "object-message"
    /// What they say of outputs, of runs that go on as well.
    case outputMessage = "output-message"
    /// How plug-ins describe themselves, and parameters for them.
    case plugin
    /// JSON Schemas and values that are checked against them.
    case schema
    /// Target expressions.
    case target
    /// Times, durations and ids.
    case text

    /// Reads bytes; traps where what was read does not hold.
    func take(_ bytes: [UInt8]) {
        switch self {
        case .agentMessage: takeAgentMessage(bytes)
        case .controllerMessage: takeControllerMessage(bytes)
        case .envelope: takeEnvelope(bytes)
        case .jobKeys: takeJobKeys(String(decoding: bytes, as: UTF8.self))
        case .json: takeJSON(bytes)
        case .objectMessage: takeObjectMessage(bytes)
        case .outputMessage: takeOutputMessage(bytes)
        case .plugin: takePlugin(bytes)
        case .schema: takeSchema(bytes)
        case .target: takeTarget(String(decoding: bytes, as: UTF8.self))
        case .text: takeText(String(decoding: bytes, as: UTF8.self))
        }
    }

    // MARK: Messages

    private func takeAgentMessage(_ bytes: [UInt8]) {
        guard let message = try? AgentMessage(bytes: bytes) else { return }
        do {
            let again = try AgentMessage(bytes: message.bytes)
            precondition(again == message, "was \(message), is \(again)")
        } catch {
            preconditionFailure("what was written of \(message) is not read: \(error)")
        }
    }

    private func takeControllerMessage(_ bytes: [UInt8]) {
        guard let message = try? ControllerMessage(bytes: bytes) else { return }
        do {
            let again = try ControllerMessage(bytes: message.bytes)
            precondition(again == message, "was \(message), is \(again)")
        } catch {
            preconditionFailure("what was written of \(message) is not read: \(error)")
        }
    }

    private func takeObjectMessage(_ bytes: [UInt8]) {
        takeAgentMessage(bytes)
        takeControllerMessage(bytes)
        switch try? AgentMessage(bytes: bytes) {
        case .object(let question):
            precondition(Self.isSHA256(question.sha256) && question.offset >= 0, "\(question)")
            precondition(0...WireLimits.objectPiece ~= question.length, "\(question)")
        case .upload(let upload):
            precondition(upload.sha256.map(Self.isSHA256) ?? true, "\(upload)")
            precondition(upload.offset >= 0 && upload.totalBytes >= 0, "\(upload)")
            precondition(upload.bytes.count <= WireLimits.objectPiece, "\(upload)")
        default: break
        }
        switch try? ControllerMessage(bytes: bytes) {
        case .piece(let piece):
            precondition(Self.isSHA256(piece.sha256) && piece.offset >= 0 && piece.totalBytes >= 0, "\(piece)")
            precondition(piece.bytes.count <= WireLimits.objectPiece, "\(piece)")
        case .uploaded(let receipt):
            precondition(receipt.held >= 0, "\(receipt)")
            precondition(receipt.object.map { $0.sha256.map(Self.isSHA256) ?? false } ?? true, "\(receipt)")
        default: break
        }
    }

    private static func isSHA256(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || 97...102 ~= $0 }
    }

    private func takeOutputMessage(_ bytes: [UInt8]) {
        takeAgentMessage(bytes)
        takeControllerMessage(bytes)
        if case .output(let piece) = try? AgentMessage(bytes: bytes) {
            precondition(piece.bytes.count <= WireLimits.outputPiece, "\(piece)")
            // Where the next one begins can be worked out.
            precondition(piece.offset >= 0 && piece.keptBytes >= 0, "\(piece)")
            precondition(!piece.offset.addingReportingOverflow(piece.bytes.count).overflow, "\(piece)")
        }
        if case .work(let work) = try? ControllerMessage(bytes: bytes) {
            let requests = work.outputs
            precondition(requests.count <= WireLimits.outputRequests, "\(requests.count) requests")
            for request in requests {
                precondition(request.offset >= 0 && request.errorOffset >= 0 && request.length >= 0, "\(request)")
            }
        }
    }

    private func takeEnvelope(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(bytes: Data(bytes)) else { return }
        do {
            let again = try Envelope(bytes: envelope.bytes)
            precondition(again == envelope, "was \(envelope), is \(again)")
        } catch {
            preconditionFailure("what was written of \(envelope) is not read: \(error)")
        }
    }

    private func takeJobKeys(_ text: String) {
        guard let keys = try? JobKeySet(parsing: text) else { return }
        do {
            let again = try JobKeySet(parsing: keys.text)
            precondition(again == keys, "was \(keys.text), is \(again.text)")
        } catch {
            preconditionFailure("what was written of \(keys.text) is not read: \(error)")
        }
    }

    // MARK: JSON

    private func takeJSON(_ bytes: [UInt8]) {
        guard let value = try? JSONText.parse(bytes) else { return }
        do {
            let text = try JSON.encode(value)
            let again = try JSONText.parse(text)
            precondition(again == value, "was \(value), is \(again) after \(String(decoding: text, as: UTF8.self))")
            let other = try JSON.decode(JSONValue.self, from: text)
            precondition(other == value, "read as \(value), decoded as \(other)")
        } catch {
            preconditionFailure("what was written of \(value) is not read: \(error)")
        }
    }

    private func takeSchema(_ bytes: [UInt8]) {
        guard let both = (try? JSONText.parse(bytes))?.array, both.count == 2, let schema = try? JSONSchema(both[0])
        else { return }
        let faults = schema.faults(in: both[1])
        precondition(faults.count <= JSONSchema.maximumFaults, "\(faults.count) faults")
        precondition(faults == schema.faults(in: both[1]), "not the same faults again")
    }

    private func takePlugin(_ bytes: [UInt8]) {
        guard let both = (try? JSONText.parse(bytes))?.array, both.count == 2,
            let plugin = try? OperationDescriptor(plugin: both[0])
        else { return }
        do {
            let told = try JSON.encode(plugin)
            precondition(told.count <= OperationDescriptor.maximumPluginBytes, "\(told.count) bytes")
            // As the controller reads what the agent tells of it.
            let again = try OperationDescriptor(plugin: try JSON.decode(JSONValue.self, from: told))
            precondition(again == plugin, "was \(plugin), is \(again)")
        } catch {
            preconditionFailure("what was written of \(plugin) is not read: \(error)")
        }
        let catalogue = OperationCatalogue.builtIn.adding(plugins: [plugin])
        precondition(catalogue[plugin.type] == plugin, "\(plugin.type) is not in the catalogue")
        let request = OperationRequest(type: plugin.type, data: both[1])
        precondition(catalogue.runLimit(for: request) >= .zero, "less than no time for \(request)")
        _ = catalogue.faults(in: request)
        _ = catalogue.mapSecrets(in: request) { _, _ in JSONValue.null }
        _ = try? catalogue.prepared(request) { Reference.Values(facts: ["cpus": 4], labels: ["env": "prod"]) }
    }

    // MARK: Texts

    private func takeTarget(_ text: String) {
        guard let expression = try? TargetExpression(parsing: text) else { return }
        precondition(expression.text == text, "the text is kept")
        let chosen = try? expression.select(from: Self.fleet, seed: 42)
        precondition(chosen == (try? expression.select(from: Self.fleet.reversed(), seed: 42)), "the order matters")
        precondition(chosen?.isEmpty != true, "an empty choice")
    }

    private func takeText(_ text: String) {
        if let time = Timestamp(text) {
            precondition(Timestamp(time.description) == time, "\(time.milliseconds) is written \(time)")
        }
        if let duration = Duration(humanText: text) {
            precondition(duration >= .zero && !duration.humanText.isEmpty, "\(duration)")
        }
        if let id = JobID(text) {
            precondition(JobID(id.description) == id, "\(id)")
        }
    }

    private static let fleet: [Agent] = [
        agent("web-1", ["env": "prod", "group": "web.dev"], ["cpus": 8, "addresses": ["10.0.0.1"], "virtual": true]),
        agent("Web-10", ["env": "prod", "group": "webby"], ["cpus": 4.5, "os": ["id": "debian"], "load": nil]),
        agent("db-1", ["note": "a*b = (c)", "cpus": "16"], ["disks": [["mount": "/", "size": 100]]]),
    ]

    private static func agent(_ hostname: String, _ labels: [String: String], _ facts: [String: JSONValue]) -> Agent {
        let time = Timestamp(milliseconds: 0)
        return Agent(
            id: AgentID("id-\(hostname)"),
            hostname: hostname,
            connected: hostname != "db-1",
            labels: labels,
            facts: facts,
            version: "1",
            firstSeenAt: time,
            lastSeenAt: time
        )
    }
}
