// SPDX-License-Identifier: Apache-2.0

/// The place in a trace of a client's at which something was asked for: the header `traceparent` of W3C Trace Context.
///
/// <https://www.w3.org/TR/trace-context/>. Broker records no spans of its own, and hands on what came: whoever works for a job finds
/// the client's own span as its parent. `tracestate` is not kept.
public struct TraceContext: Hashable, Sendable {
    /// Of the whole trace: 32 hexadecimal digits.
    public let traceID: String
    /// Of the client's part of it: 16 hexadecimal digits.
    public let parentID: String
    /// What the client says of it: bit 0 that it is recorded, bit 1 that its id is random.
    public let flags: UInt8

    /// The flags that version 00 defines; others are not handed on.
    private static let knownFlags: UInt8 = 0b11

    /// Reads the header.
    ///
    /// - Returns: nil for what is none, which is to be passed over.
    public init?(_ header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may add parts behind the four, and are read as far as these.
        guard parts.count >= 4, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            zip(parts, [2, 32, 16, 2]).allSatisfy({ Self.isHexadecimal($0, $1) }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        traceID = String(parts[1])
        parentID = String(parts[2])
        self.flags = flags & Self.knownFlags
    }

    private static func isHexadecimal(_ text: Substring, _ length: Int) -> Bool {
        text.utf8.count == length
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}

extension TraceContext: CustomStringConvertible {
    /// The header, in version 00.
    public var description: String { "00-\(traceID)-\(parentID)-0\(flags)" }
}
