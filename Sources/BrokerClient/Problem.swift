// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What the controller says of a call that it refused (RFC 9457).
public struct Problem: Codable, Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// A stable name in `snake_case`, such as `invalid_target`.
    public let code: String
    /// What is wrong, in words.
    public let detail: String
    /// Each fault with its place, where there is more to say than the detail.
    public let errors: [Fault]
    /// The id under which the controller's log has this call.
    public let requestID: String?

    /// Makes a problem of its parts.
    public init(status: Int, code: String, detail: String, errors: [Fault] = [], requestID: String? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.requestID = requestID
    }

    enum CodingKeys: String, CodingKey {
        case status
        case code
        case detail
        case errors
        case requestID = "request_id"
    }

    /// Reads a problem; `detail`, `errors` and `request_id` may be missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        status = try container.decode(Int.self, forKey: .status)
        code = try container.decode(String.self, forKey: .code)
        detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? code
        errors = try container.decodeIfPresent([Fault].self, forKey: .errors) ?? []
        requestID = try container.decodeIfPresent(String.self, forKey: .requestID)
    }
}
