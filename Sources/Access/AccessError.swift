// SPDX-License-Identifier: Apache-2.0

/// A limit or a scope that cannot be used as it was given.
public struct AccessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which member of a key is wrong.
    public enum Code: String, Sendable {
        /// The name.
        case name
        /// The target expression.
        case target
        /// The patterns of operations.
        case operations
    }

    /// Which member of a key is wrong.
    public let code: Code
    /// What is wrong with it.
    public let message: String

    /// Makes an error of its parts.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
