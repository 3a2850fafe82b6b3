// SPDX-License-Identifier: Apache-2.0

/// Which operations a key may ask for: the name of one, `service.*` for all below a name, or `*` for all.
public struct OperationPattern: Hashable, Sendable {
    /// The longest pattern, in characters.
    public static let maximumLength = 64

    /// The pattern as it was given.
    public let text: String

    /// Reads a pattern.
    ///
    /// - Parameter text: the pattern.
    /// - Throws: ``AccessError`` `operations` for anything else than a name, a name with `.*`, or `*`.
    public init(_ text: String) throws(AccessError) {
        let name = text == "*" ? "all" : text.hasSuffix(".*") ? String(text.dropLast(2)) : text
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isName, !name.isEmpty, text.utf8.count <= Self.maximumLength else {
            let shown = text.prefix(Self.maximumLength)
            throw AccessError(.operations, "'\(shown)' is no name of an operation, nor one that ends in .*, nor *")
        }
        self.text = text
    }

    /// Whether the operation called `type` is meant.
    public func matches(_ type: String) -> Bool {
        text == "*" || text == type || (text.hasSuffix(".*") && type.hasPrefix(text.dropLast()))
    }

    /// Whether everything that `other` means is meant here too.
    public func covers(_ other: OperationPattern) -> Bool {
        matches(other.text)
    }
}
