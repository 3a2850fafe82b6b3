// SPDX-License-Identifier: Apache-2.0

import Foundation
@testable import Jobs
import Randomness
import Testing

struct JSONTextTests {
    private func parse(_ text: String, depth: Int = 64) throws -> JSONValue {
        try JSONText.parse(Array(text.utf8), maximumDepth: depth)
    }

    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.5", 1.5), ("3.0", 3), ("2e3", 2000), ("25E-1", 2.5), ("1e+2", 100),
            ("\"\"", ""), ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{C}\n\r\t"), ("\"\\u00e9é\"", "éé"),
            ("\"\\ud83d\\ude00\"", "😀"), ("\"\\u0000\"", "\u{0}"), (" [ ] ", []), ("{}", [:]),
            ("[1,[2],{\"a\":null}]", [1, [2], ["a": nil]]), ("{\"a\":1,\"b\":{\"a\":2}}", ["a": 1, "b": ["a": 2]]),
            ("\t{\r\n\"a\" : [ true , false ] }\n", ["a": [true, false]]),
        ] as [(String, JSONValue)]
    )
    func `JSON is read as what it says`(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "truex", "01", "-", "1.", ".5", "1e", "+1", "0x10", "NaN", "1e400", "'a'", "\"a", "\"\\x\"",
        "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\n\"", "[", "[1", "[1,]", "[,1]", "[1 2]",
        "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}", "{\"a\":1 \"b\":2}", "1 2", "[]]", "\u{FEFF}1",
        "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"x\":{\"b\":1,\"b\":2}}]", "/* */1",
    ])
    func `what is not JSON, or is ambiguous, is refused`(text: String) {
        #expect(throws: JSONText.Failure.self) { try parse(text) }
    }

    @Test func `bytes that are not UTF-8 are refused in strings`() {
        for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]] {
            #expect(throws: JSONText.Failure.self) { try JSONText.parse(bytes, maximumDepth: 4) }
        }
    }

    @Test func `the depth is bounded`() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try parse(nested(64)) }
        #expect(throws: JSONText.Failure.self) { try parse(nested(65)) }
        #expect(throws: JSONText.Failure.self) { try parse(String(repeating: "[", count: 2_000_000)) }
        #expect(throws: JSONText.Failure.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test func `a failure names its place`() {
        #expect(throws: JSONText.Failure(message: "a value was expected", offset: 5)) { try parse("{\"a\":x}") }
        #expect(throws: JSONText.Failure(message: "the member 'a' is there twice", offset: 7)) {
            try parse("{\"a\":1,\"a\":2}")
        }
    }

    @Test func `names that are the same but in spelling are told as such`() {
        let failure = JSONText.Failure(
            message: "the member 'e\u{301}' is there twice, in spellings that are canonically equivalent in Unicode",
            offset: 8
        )
        #expect(throws: failure) { try parse("{\"\u{E9}\":1,\"e\u{301}\":2}") }
    }

    @Test func `the time for a large text grows with its length alone`() throws {
        let escapes = "\"" + String(repeating: "\\n", count: 500_000) + "\""
        let lists = "[" + Array(repeating: "[0]", count: 250_000).joined(separator: ",") + "]"
        let clock = ContinuousClock()

        let start = clock.now
        #expect(try parse(escapes).string?.utf8.count == 500_000)
        #expect(try parse(lists).array?.count == 250_000)

        #expect(clock.now - start < .seconds(30))
    }

    @Test func `what a general reader reads is read the same`() throws {
        var random = SeededGenerator(seed: 7)
        for round in 0..<500 {
            let value = Self.random(&random, depth: 0)
            let text = try JSON.encode(value, pretty: round.isMultiple(of: 2))
            #expect(try JSONText.parse(text, maximumDepth: 64) == value, "round \(round)")
        }
    }

    private static func random(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .int(.random(in: .min ... .max, using: &generator))
        case 3: return .double(Double(Int.random(in: -1000...1000, using: &generator)) + 0.5)
        case 4:
            let scalars = (0..<Int.random(in: 0..<8, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &generator))
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 5:
            return .array((0..<4).map { _ in random(&generator, depth: depth + 1) })
        default:
            let members = (0..<4).map { ("m\($0)\"é", random(&generator, depth: depth + 1)) }
            return .object(Dictionary(uniqueKeysWithValues: members))
        }
    }
}
