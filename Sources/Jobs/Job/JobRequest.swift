// SPDX-License-Identifier: Apache-2.0

/// Which operation to run, and with what parameters.
public struct OperationRequest: Codable, Hashable, Sendable {
    /// The operation's name in the catalogue, for example `command.exec`.
    public let type: String
    /// Its parameters, as the operation's JSON Schema has them.
    public let data: JSONValue

    /// Makes a request of a name and parameters.
    public init(type: String, data: JSONValue = .object([:])) {
        self.type = type
        self.data = data
    }

    /// Reads `type` and, if it is there, `data`; left out it is the empty object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        data = try container.decodeIfPresent(JSONValue.self, forKey: .data) ?? .object([:])
    }

    enum CodingKeys: String, CodingKey {
        case type
        case data
    }
}

/// A submission: the body of `POST /api/v1/jobs`.
public struct JobRequest: Codable, Hashable, Sendable {
    /// What to do.
    public let operation: OperationRequest
    /// Which agents to do it on: a target expression.
    public let target: String
    /// How long the job may wait for its agents, in seconds from submission; nil for the controller's default.
    public let deadline: Double?
    /// A note for people, shown with the record.
    public let note: String?

    /// Makes a submission.
    public init(operation: OperationRequest, target: String, deadline: Double? = nil, note: String? = nil) {
        self.operation = operation
        self.target = target
        self.deadline = deadline
        self.note = note
    }
}
