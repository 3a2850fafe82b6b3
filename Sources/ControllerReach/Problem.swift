// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What the controller says of a call that it refused (RFC 9457).
public struct Problem: Codable, Hashable, Sendable {
    /// The URL of the kind of problem, mostly below that of the controller; nil where the answer had none.
    public let type: String?
    /// The name of the kind of problem; nil where the answer had none.
    public let title: String?
    /// The HTTP status.
    public let status: Int
    /// A stable name in `snake_case`, such as `invalid_target`.
    public let code: String
    /// What is wrong, in words.
    public let detail: String
    /// The path of the request; nil where the answer had none.
    public let instance: String?
    /// Each fault with its place, where there is more to say than the detail.
    public let errors: [ProblemFault]
    /// The id under which the controller's log has this call.
    public let requestID: String?

    /// Makes a problem of its parts.
    public init(
        type: String? = nil,
        title: String? = nil,
        status: Int,
        code: String,
        detail: String,
        instance: String? = nil,
        errors: [ProblemFault] = [],
        requestID: String? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.code = code
        self.detail = detail
        self.instance = instance
        self.errors = errors
        self.requestID = requestID
    }

    enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case code
        case detail
        case instance
        case errors
        case requestID = "request_id"
    }

    /// Reads a problem; all but `status` and `code` may be missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        title = try container.decodeIfPresent(String.self, forKey: .title)
        status = try container.decode(Int.self, forKey: .status)
        code = try container.decode(String.self, forKey: .code)
        detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? code
        instance = try container.decodeIfPresent(String.self, forKey: .instance)
        errors = try container.decodeIfPresent([ProblemFault].self, forKey: .errors) ?? []
        requestID = try container.decodeIfPresent(String.self, forKey: .requestID)
    }
}
