// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import SwiftProtobuf

/// Reads a protobuf message; unknown fields are kept out, nesting is bounded.
func parse<Message: SwiftProtobuf.Message>(_ bytes: [UInt8]) throws(WireError) -> Message {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 16
    options.discardUnknownFields = true
    do {
        return try Message(serializedBytes: bytes, options: options)
    } catch {
        throw .malformed("not a protobuf message of this protocol")
    }
}

/// The bytes of a message; proto3 messages have no required fields, so this cannot fail.
func serialise(_ message: some SwiftProtobuf.Message) -> [UInt8] {
    (try? message.serializedBytes()) ?? []
}

/// The same as ``serialise(_:)`` for a field of type `bytes`.
func serialisedData(_ message: some SwiftProtobuf.Message) -> Data {
    Data(serialise(message))
}

/// Reads a JSON value; nil for no bytes.
func jsonValue(_ data: Data) throws(WireError) -> JSONValue? {
    guard !data.isEmpty else { return nil }
    do {
        return try JSONText.parse(Array(data), maximumDepth: WireLimits.depth)
    } catch {
        throw .malformed("JSON: \(error.message)")
    }
}

/// The bytes of a JSON value; a number that is not finite, which JSON cannot say, makes it null.
func jsonBytes(_ value: JSONValue) -> Data {
    Data((try? value.text()) ?? Array("null".utf8))
}

/// Reads the 16 bytes of a job's id.
func jobID(_ data: Data) throws(WireError) -> JobID {
    guard data.count == 16 else { throw .malformed("a job id has 16 bytes") }
    var halves: [UInt64] = [0, 0]
    for (index, byte) in data.enumerated() { halves[index / 8] = halves[index / 8] << 8 | UInt64(byte) }
    return JobID(high: halves[0], low: halves[1])
}

/// The 16 bytes of a job's id.
func jobIDBytes(_ id: JobID) -> Data {
    var data = Data(capacity: 16)
    for half in [id.high, id.low] {
        for shift in stride(from: 56, through: 0, by: -8) { data.append(UInt8(truncatingIfNeeded: half >> shift)) }
    }
    return data
}

/// Reads the number of an attempt.
func attempt(_ number: UInt32) throws(WireError) -> Int {
    guard (1...1_000_000).contains(number) else { throw .malformed("attempt") }
    return Int(number)
}

/// Checks the length of a text in bytes, and that it has no NUL, which would end it early in a database.
func check(_ text: String, _ bytes: ClosedRange<Int>, _ what: String) throws(WireError) {
    guard bytes.contains(text.utf8.count), !text.utf8.contains(0) else { throw .malformed(what) }
}

extension String {
    /// The text with U+FFFD for each NUL.
    var withoutNUL: String {
        utf8.contains(0) ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self
    }

    /// The longest beginning that has at most `limit` bytes of UTF-8 and does not split a character.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = ""
        var size = 0
        for character in self {
            size += character.utf8.count
            guard size <= limit else { break }
            kept.append(character)
        }
        return kept
    }
}
