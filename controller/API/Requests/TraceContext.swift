// SPDX-License-Identifier: Apache-2.0

/// To which trace of a client's a request belongs: the header `traceparent` of W3C Trace Context.
///
/// <https://www.w3.org/TR/trace-context/>
struct TraceContext: Hashable, Sendable {
    /// Of the whole trace: 32 hexadecimal digits.
    let traceID: String
    /// Of the client's part of it: 16 hexadecimal digits.
    let parentID: String

    /// Reads the header.
    ///
    /// - Returns: nil for what is none, which is to be passed over; it ends up in the log otherwise.
    init?(_ header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may add parts behind the four, and are read as far as these.
        guard parts.count >= 4, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            zip(parts, [2, 32, 16, 2]).allSatisfy({ Self.isHexadecimal($0, $1) }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        parentID = String(parts[2])
    }

    private static func isHexadecimal(_ text: Substring, _ length: Int) -> Bool {
        text.utf8.count == length
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
