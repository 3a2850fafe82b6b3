// SPDX-License-Identifier: Apache-2.0

/// A target expression that cannot be read, or that selects nobody.
public struct TargetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable, CaseIterable, Hashable {
        /// The text is not an expression.
        case syntax
        /// The text has more than ``TargetExpression/maximumLength`` characters.
        case tooLong = "too_long"
        /// Parentheses and `not` are nested deeper than ``TargetExpression/maximumDepth``.
        case tooDeep = "too_deep"
        /// `_any`, `sample` or a comma stands where it has no clear meaning.
        case misplaced
        /// The expression is well formed, and no agent matches it.
        case nothingSelected = "nothing_selected"
        /// `_any` was asked for, and none of the agents that match is connected.
        case nothingConnected = "nothing_connected"
    }

    /// What kind of fault it is.
    public let code: Code
    /// A sentence for people.
    public let message: String
    /// Where in the text, counted in characters (Unicode code points) from 0; nil where the whole is at fault.
    public let position: Int?

    /// Makes an error of its parts.
    public init(_ code: Code, _ message: String, position: Int? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    /// The message, with the place counted from 1 as people do.
    public var description: String {
        guard let position else { return message }
        return "\(message) (at character \(position + 1))"
    }
}
