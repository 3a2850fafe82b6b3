// SPDX-License-Identifier: Apache-2.0

/// Why a call did not bring what was asked for.
///
/// A job that failed is no error of the client: its record says so.
public struct BrokerClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: Hashable, Sendable {
        /// The configuration cannot be used: no URL, a key with a line break, a CA file that cannot be read.
        case invalidConfiguration
        /// No connection: refused, no such host, a certificate for another host, a connection that broke off.
        case unreachable
        /// No connection, since what answers has a certificate of nobody known; ``BrokerClientConfiguration/caFile``
        /// names whom to trust besides the system's authorities.
        case untrusted
        /// A connection or an answer did not come in time.
        case timedOut
        /// The controller answered with an error.
        case refused(Problem)
        /// Something answered, but not as a controller does.
        case badAnswer
    }

    /// What kind of trouble it was.
    public let code: Code
    /// What happened, in words, without a point at the end.
    public let message: String

    /// Makes an error of its parts.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// What the controller had to say, where it was the controller that refused.
    public var problem: Problem? {
        guard case .refused(let problem) = code else { return nil }
        return problem
    }

    /// Whether the same call may well succeed in a moment: the controller, or the way to it, was not there.
    public var isOutage: Bool {
        switch code {
        case .unreachable, .untrusted, .timedOut: true
        case .refused(let problem): [502, 503, 504].contains(problem.status)
        case .invalidConfiguration, .badAnswer: false
        }
    }
}
