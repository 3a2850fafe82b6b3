// SPDX-License-Identifier: Apache-2.0

import Jobs
/// A JSON object of texts and whole numbers in the canonical form of RFC 8785.
///
/// Members are to be added in the order of their names. It is written by hand since it is made in the transaction of
/// every submission.
struct CanonicalObject {
    private var bytes: [UInt8] = []

    /// An object without members.
    init() {
        // Most lines fit.
        bytes.reserveCapacity(768)
        bytes.append(UInt8(ascii: "{"))
    }

    /// The whole object.
    var finished: [UInt8] { bytes + [UInt8(ascii: "}")] }

    /// Adds a text, or null.
    mutating func add(_ name: StaticString, _ value: String?) {
        begin(name)
        guard let value else { return bytes.append(contentsOf: "null".utf8) }
        bytes.append(UInt8(ascii: "\""))
        if value.utf8.allSatisfy(Self.isPlain) {
            bytes.append(contentsOf: value.utf8)
        } else {
            for byte in value.utf8 { append(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds a number; beyond 2^53 it would not be what RFC 8785 writes, and none here is.
    mutating func add(_ name: StaticString, _ value: Int64) {
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0..<0x20: bytes.append(contentsOf: "\\u00\(Hexadecimal.text([byte]))".utf8)
        default: bytes.append(byte)
        }
    }
}
