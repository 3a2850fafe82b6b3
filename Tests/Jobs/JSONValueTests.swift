// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct JSONValueTests {
    private static let values: [(text: String, value: JSONValue)] = [
        ("null", .null),
        ("true", .bool(true)),
        ("false", .bool(false)),
        ("0", .int(0)),
        ("1", .int(1)),
        ("-9223372036854775808", .int(.min)),
        ("9223372036854775807", .int(.max)),
        ("1.5", .double(1.5)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)),
        ("1e300", .double(1e300)),
        (#""""#, .string("")),
        (#""a\"\\\n\u00e9\ud83d\ude00""#, .string("a\"\\\né😀")),
        (#""1""#, .string("1")),
        ("[]", .array([])),
        (#"[1,"2",[null]]"#, [1, "2", [nil]]),
        ("{}", .object([:])),
        (#"{"a":{"b":[true,2,2.5]}}"#, ["a": ["b": [true, 2, 2.5]]]),
    ]

    @Test(arguments: values)
    func `a value is read as what it is and comes back`(text: String, value: JSONValue) throws {
        let read = try JSON.decode(JSONValue.self, from: text.utf8)

        #expect(read == value)
        #expect(try JSON.decode(JSONValue.self, from: JSON.encode(read)) == value)
    }

    @Test func `members are written in order and slashes are left alone`() throws {
        let value: JSONValue = ["b": 1, "a": "/x/y", "c": [true, nil, 1.5]]

        #expect(String(decoding: try JSON.encode(value), as: UTF8.self) == #"{"a":"/x/y","b":1,"c":[true,null,1.5]}"#)
    }

    @Test func `each reader takes its own kind only`() {
        #expect(JSONValue.string("x").string == "x")
        #expect(JSONValue.int(1).bool == nil)
        #expect(JSONValue.bool(true).int == nil)
        #expect(JSONValue.bool(true).number == nil)
        #expect(JSONValue.int(3).number == 3)
        #expect(JSONValue.double(3.5).number == 3.5)
        #expect(JSONValue.double(3.5).int == nil)
        #expect(JSONValue.array([1])["a"] == nil)
        #expect(JSONValue.object(["a": 1])["a"] == 1)
        #expect(JSONValue.object(["a": 1])["b"] == nil)
        #expect(JSONValue.null.object == nil)
        #expect(JSONValue.array([1]).array == [1])
    }

    @Test func `deep nesting is read to a limit and refused beyond, without running out of stack`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }

        #expect(throws: Never.self) { try JSON.decode(JSONValue.self, from: nested(500).utf8) }
        #expect(throws: JSON.Failure.self) { try JSON.decode(JSONValue.self, from: nested(100_000).utf8) }
    }

    @Test(arguments: ["", " ", "{", #"{"a" 1}"#, "nul", "'a'", "1 2", "[1e999]", "\u{0}", #""\x""#])
    func `malformed text is refused as such`(text: String) throws {
        let failure = #expect(throws: JSON.Failure.self) { try JSON.decode(JSONValue.self, from: text.utf8) }

        #expect(failure?.message.isEmpty == false)
    }

    private static let wrongTypes: [(fault: @Sendable () throws -> Void, message: String)] = [
        ({ _ = try JSON.decode(String.self, from: "1".utf8) }, "must be a string"),
        ({ _ = try JSON.decode(Bool.self, from: "1".utf8) }, "must be true or false"),
        ({ _ = try JSON.decode(Double.self, from: "[]".utf8) }, "must be a number"),
        ({ _ = try JSON.decode([Int].self, from: "{}".utf8) }, "must be a list"),
        ({ _ = try JSON.decode(OperationRequest.self, from: "[]".utf8) }, "must be an object"),
    ]

    @Test func `a wrong type is told in words`() {
        for (decode, message) in Self.wrongTypes {
            let failure = #expect(throws: JSON.Failure.self) { try decode() }
            #expect(failure?.message == message)
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: JSON.Failure.self) { try JSON.decode(JSONValue.self, from: [0x22, 0xFF, 0x22]) }
    }

    @Test func `a fault names its place as a JSON Pointer`() throws {
        let wrongType = #expect(throws: JSON.Failure.self) {
            try JSON.decode([String: [Int]].self, from: #"{"a/b":[1,"x"]}"#.utf8)
        }
        let missing = #expect(throws: JSON.Failure.self) { try JSON.decode(OperationRequest.self, from: "{}".utf8) }
        let null = #expect(throws: JSON.Failure.self) {
            try JSON.decode(OperationRequest.self, from: #"{"type":null}"#.utf8)
        }
        let deep = #expect(throws: JSON.Failure.self) {
            try JSON.decode(JSONValue.self, from: #"{"a":[1,{"b":1e999}]}"#.utf8)
        }

        #expect(deep?.pointer == "/a/1/b")
        #expect(wrongType?.pointer == "/a~1b/1")
        #expect(wrongType?.message == "must be a whole number")
        #expect(missing?.pointer == "")
        #expect(missing?.message == "type is missing")
        #expect(null?.pointer == "/type")
        #expect(wrongType?.description.hasPrefix("/a~1b/1: ") == true)
    }
}
