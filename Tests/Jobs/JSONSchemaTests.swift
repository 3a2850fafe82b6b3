// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct JSONSchemaTests {
    private static let checks: [(schema: String, value: String, faults: [String])] = [
        (#"{"type":"string"}"#, #""x""#, []),
        (#"{"type":"string"}"#, "1", [": must be a string, not a number"]),
        (#"{"type":"integer"}"#, "3", []),
        (#"{"type":"integer"}"#, "3.0", []),
        (#"{"type":"integer"}"#, "3.5", [": must be a whole number, not a number"]),
        (#"{"type":"integer"}"#, "true", [": must be a whole number, not true or false"]),
        (#"{"type":"number"}"#, "3", []),
        (#"{"type":"boolean"}"#, "0", [": must be true or false, not a number"]),
        (#"{"type":["string","null"]}"#, "null", []),
        (#"{"type":["string","null"]}"#, "[]", [": must be a string or null, not a list"]),
        (#"{"type":"object"}"#, "[]", [": must be an object, not a list"]),
        (#"{"minLength":1}"#, #""""#, [": must not be empty"]),
        (#"{"minLength":2,"maxLength":3}"#, #""é""#, [": must have at least 2 characters"]),
        (#"{"minLength":2,"maxLength":3}"#, #""😀😀😀""#, []),
        (#"{"minLength":2,"maxLength":3}"#, #""abcd""#, [": must have at most 3 characters"]),
        (#"{"minLength":2}"#, "1", []),
        (#"{"minimum":1,"maximum":5}"#, "1", []),
        (#"{"minimum":1,"maximum":5}"#, "5.0", []),
        (#"{"minimum":1,"maximum":5}"#, "0.5", [": must be at least 1"]),
        (#"{"minimum":1,"maximum":5}"#, "6", [": must be at most 5"]),
        (#"{"exclusiveMinimum":0,"exclusiveMaximum":1.5}"#, "0", [": must be more than 0"]),
        (#"{"exclusiveMinimum":0,"exclusiveMaximum":1.5}"#, "1.5", [": must be less than 1.5"]),
        (#"{"exclusiveMinimum":0,"exclusiveMaximum":1.5}"#, "1", []),
        (#"{"minItems":1,"maxItems":2}"#, "[]", [": must not be empty"]),
        (#"{"minItems":1,"maxItems":2}"#, "[1,2]", []),
        (#"{"minItems":1,"maxItems":2}"#, "[1,2,3]", [": must have at most 2 elements, not 3"]),
        (
            #"{"items":{"type":"string"}}"#, #"["a",1,"b",null]"#,
            [
                "/1: must be a string, not a number", "/3: must be a string, not null",
            ]
        ),
        (#"{"items":false}"#, "[]", []),
        (#"{"items":false}"#, "[1]", [": must be empty"]),
        (#"{"enum":["a","b",1]}"#, #""b""#, []),
        (#"{"enum":["a","b",1]}"#, "1.0", []),
        (#"{"enum":["a","b",1]}"#, #""c""#, [": must be 'a', 'b' or 1"]),
        (#"{"const":null}"#, "null", []),
        (#"{"const":true}"#, "false", [": must be true"]),
        ("true", #"{"a":1}"#, []),
        ("false", "1", [": nothing is allowed here"]),
        (#"{"required":["a","b"]}"#, #"{"b":1}"#, ["/a: a is missing"]),
        (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1,"z":2}"#, ["/a: must be a string, not a number"]),
        (
            #"{"properties":{"a":true},"additionalProperties":false}"#, #"{"a":1,"x/y":2}"#,
            [
                "/x~1y: unknown field 'x/y'"
            ]
        ),
        (#"{"additionalProperties":{"type":"string"}}"#, #"{"a":"b","c":1}"#, ["/c: must be a string, not a number"]),
        (#"{"properties":{"a":{"items":{"required":["b"]}}}}"#, #"{"a":[{"b":1},{}]}"#, ["/a/1/b: b is missing"]),
    ]

    @Test(arguments: checks)
    func `a value is checked against a schema`(schema: String, value: String, faults: [String]) throws {
        let schema = try JSON.decode(JSONSchema.self, from: schema.utf8)
        let value = try JSON.decode(JSONValue.self, from: value.utf8)

        #expect(schema.faults(in: value).map { "\($0.pointer): \($0.detail)" } == faults)
    }

    @Test func `a whole number that was made as a floating-point number is one`() throws {
        let schema = try JSONSchema(["type": "integer"])

        #expect(schema.faults(in: .double(3.0)).isEmpty)
        #expect(!schema.faults(in: .double(3.25)).isEmpty)
    }

    @Test func `faults lie below the given place`() throws {
        let schema = try JSONSchema(["items": ["type": "string"]])

        #expect(schema.faults(in: [1], at: "/operation/data").map(\.pointer) == ["/operation/data/0"])
    }

    @Test func `at most twenty faults are told`() throws {
        let schema = try JSONSchema(["items": ["type": "string"], "additionalProperties": false])
        let list = JSONValue.array(Array(repeating: 1, count: 1000))
        let object = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<1000).map { ("k\($0)", 1) }))

        #expect(schema.faults(in: list).count == 20)
        #expect(schema.faults(in: object).count == 20)
        #expect(schema.faults(in: object) == schema.faults(in: object))
    }

    private static let refused: [(schema: JSONValue, pointer: String)] = [
        (["pattern": "x"], "/pattern"),
        (["properties": ["a": ["oneOf": []]]], "/properties/a/oneOf"),
        (["items": ["$ref": "#/a"]], "/items/$ref"),
        (["additionalProperties": 1], "/additionalProperties"),
        (["type": "text"], "/type"),
        (["type": []], "/type"),
        (["minLength": -1], "/minLength"),
        (["maxItems": 1.5], "/maxItems"),
        (["minimum": "1"], "/minimum"),
        (["required": [1]], "/required"),
        (["enum": 1], "/enum"),
        (["enum": [1], "const": 1], "/enum"),
        (["properties": []], "/properties"),
        (1, ""),
    ]

    @Test(arguments: refused)
    func `a schema that cannot be checked in full is refused`(schema: JSONValue, pointer: String) {
        let fault = #expect(throws: Fault.self) { try JSONSchema(schema) }

        #expect(fault?.pointer == pointer)
    }

    @Test func `annotations are allowed and a schema is written as it was read`() throws {
        let json: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "t", "description": "d",
            "default": [1], "examples": [[2]], "format": "uri", "type": "array",
        ]
        let schema = try JSONSchema(json)

        #expect(schema.faults(in: []).isEmpty)
        #expect(schema.json == json)
        #expect(try JSON.decode(JSONValue.self, from: JSON.encode(schema)) == json)
        #expect(throws: JSON.Failure.self) { try JSON.decode(JSONSchema.self, from: #"{"not":{}}"#.utf8) }
    }

    @Test func `a sealed value fits where a secret is asked for, and nowhere else`() throws {
        let schema = try JSONSchema([
            "type": "object",
            "properties": [
                "list": ["type": "array", "items": ["type": "string", "secret": true]], "open": ["type": "string"],
            ],
            "additionalProperties": ["type": "string", "secret": true, "maxLength": 3],
        ])
        let sealed: JSONValue = ["$sealed": ["box": "x"]]

        #expect(schema.faults(in: ["any": sealed, "list": [sealed, "text"], "open": "text"]).isEmpty)
        #expect(schema.faults(in: ["open": sealed, "any": "four"]).map(\.pointer) == ["/any", "/open"])
        var found: [String] = []
        let changed = schema.mapSecrets(in: ["a/b": "x", "list": ["y", sealed], "open": "z"]) { value, pointer in
            found.append(pointer)
            return "***"
        }
        #expect(found.sorted() == ["/a~1b", "/list/0", "/list/1"])
        #expect(changed == ["a/b": "***", "list": ["***", "***"], "open": "z"])
    }
}
