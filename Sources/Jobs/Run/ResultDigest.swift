// SPDX-License-Identifier: Apache-2.0

/// What stands for the result of a run: runs with the same result have the same one, whatever differs between them
/// without meaning, such as how long they took.
///
/// The agent makes it. To everybody else its bytes mean nothing but that; `docs/wire-protocol.md` says how it is made.
public struct ResultDigest: Hashable, Sendable, CustomStringConvertible {
    /// How many bytes it has.
    public static let size = 32

    /// The bytes.
    public let bytes: [UInt8]

    /// Makes a digest of its bytes; nil where there are not as many as it takes.
    public init?(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        guard self.bytes.count == Self.size else { return nil }
    }

    /// Reads a digest of hexadecimal digits, upper and lower case being the same; nil for anything else.
    public init?(_ text: String) {
        guard let bytes = Hexadecimal.bytes(text), bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// The bytes in hexadecimal digits, lower case.
    public var description: String {
        Hexadecimal.text(bytes)
    }
}

extension ResultDigest: Codable {
    /// Reads hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = ResultDigest(try container.decode(String.self)) else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no digest")
            throw DecodingError.dataCorrupted(context)
        }
        self = digest
    }

    /// Writes hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
