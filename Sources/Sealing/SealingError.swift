// SPDX-License-Identifier: Apache-2.0

/// A secret could not be sealed or opened.
package struct SealingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// Bytes are no key.
        case invalidKey = "invalid_key"
        /// A value is no sealed one.
        case malformed
        /// It is not sealed to this agent.
        case notForThisAgent = "not_for_this_agent"
        /// It is sealed to another key, or for something else, or was changed.
        case cannotBeOpened = "cannot_be_opened"
        /// The library refused to seal.
        case notSealed = "not_sealed"
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened, in words; never the secret.
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
