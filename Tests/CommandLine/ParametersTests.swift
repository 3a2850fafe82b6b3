// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Jobs
import Testing

struct TimeSpanTests {
    @Test(arguments: [
        ("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86400), ("1w", 604_800), ("500ms", 0.5), ("1h30m", 5400),
        ("1.5h", 5400), ("90", 90), ("0.25", 0.25),
    ])
    func `lengths of time are read`(text: String, seconds: Double) throws {
        #expect(try TimeSpan(text).seconds == seconds)
    }

    @Test(arguments: ["", "s", "10x", "-5s", "0", "0s", "1h 30m", "inf", "nan", "1e3", "ten", "10 s", "1..5s", "٣s"])
    func `anything else is refused`(text: String) {
        #expect(throws: UsageError.self) { try TimeSpan(text) }
    }

    @Test func `zero is refused with the reason where it means nothing`() throws {
        #expect(throws: UsageError("must be more than 0")) { try TimeSpan("0s") }
        #expect(try TimeSpan("0s", allowingZero: true).seconds == 0)
        #expect(throws: UsageError.self) { try TimeSpan("-1s", allowingZero: true) }
    }

    @Test(arguments: [
        (0, "0ms"), (8, "8ms"), (99, "99ms"), (100, "0.1s"), (120, "0.1s"), (9_990, "9.9s"), (10_000, "10s"),
        (59_999, "59s"), (185_000, "3m05s"),
        (7_800_000, "2h10m"), (273_600_000, "3d04h"), (-5, "0ms"),
    ])
    func `durations are written in few characters`(milliseconds: Int, text: String) {
        #expect(Duration.milliseconds(milliseconds).brief == text)
    }
}

struct OperationParametersTests {
    private let schema: JSONValue = [
        "properties": [
            "count": ["type": "integer"], "ratio": ["type": "number"], "force": ["type": "boolean"],
            "names": ["type": "array"], "map": ["type": "object"], "version": ["type": "string"],
        ]
    ]

    @Test(
        arguments: [
            ("count=3", "count", .int(3)), ("ratio=0.5", "ratio", .double(0.5)), ("ratio=2", "ratio", .int(2)),
            ("force=true", "force", .bool(true)), (#"names=["a"]"#, "names", ["a"]), (#"map={"a":1}"#, "map", ["a": 1]),
            ("version=1.10", "version", "1.10"), ("other=5", "other", "5"), ("version=", "version", ""),
            ("version=a=b", "version", "a=b"),
        ] as [(String, String, JSONValue)]
    )
    func `a parameter takes the type of the schema, and is text elsewhere`(
        pair: String,
        name: String,
        value: JSONValue
    ) throws {
        var parameters = OperationParameters()

        try parameters.add(pair, schema: schema)

        #expect(parameters.members == [name: value])
    }

    @Test func `a reference is text, whatever type the host is to put there`() throws {
        var parameters = OperationParameters()

        try parameters.add("count=@fact.cpus", schema: schema)
        #expect(parameters.members == ["count": "@fact.cpus"])

        for pair in ["count=@fact", "count=@cpus", "count={{fact.cpus}}", "fixed=@fact.cpus"] {
            let schema: JSONValue = [
                "properties": [
                    "count": ["type": "integer"], "fixed": ["type": "integer", "references": false],
                ]
            ]
            #expect(throws: UsageError.self) { try parameters.add(pair, schema: schema) }
        }
    }

    @Test(arguments: ["count=three", "count=1.5", "force=yes", "names=a", "map=[]", "count", "=5"])
    func `a parameter of another type is refused`(pair: String) {
        var parameters = OperationParameters()

        #expect(throws: UsageError.self) { try parameters.add(pair, schema: schema) }
    }

    @Test func `parameters have the last word over data`() throws {
        var parameters = try OperationParameters(json: #"{"count": 1, "version": "2"}"#)

        try parameters.add("count=7", schema: schema)

        #expect(parameters.json == ["count": 7, "version": "2"])
    }

    @Test(arguments: ["", "[]", "5", "{", "{} {}"])
    func `data that is no object is refused`(text: String) {
        #expect(throws: UsageError.self) { try OperationParameters(json: text) }
    }

    @Test func `data that is not JSON is told as that, once`() {
        #expect(throws: UsageError("--data is not JSON")) { try OperationParameters(json: "{x") }
    }

    @Test(arguments: [("0", [0]), ("0,2", [0, 2]), ("10-12,3", [10, 11, 12, 3]), ("255", [255])])
    func `exit codes are read`(text: String, codes: [Int64]) throws {
        #expect(try exitCodes(text) == codes)
    }

    @Test(arguments: ["", ",", "1,", "256", "-1", "3-1", "a", "1-2-3"])
    func `other exit codes are refused`(text: String) {
        #expect(throws: UsageError.self) { try exitCodes(text) }
    }
}

struct RequestSizeTests {
    @Test func `a job is measured as JSON, and the option to blame is named`() throws {
        func request(_ stdin: String) -> JobRequest {
            let operation = OperationRequest(type: "command.exec", data: ["argv": ["cat"], "stdin": .string(stdin)])
            return JobRequest(operation: operation, target: "_all")
        }
        let text = String(repeating: "a", count: 1_048_576)
        let lines = String(repeating: "\n", count: 1_048_576)

        try request(text).checkSize(blame: "--stdin")
        let error = try #require(throws: UsageError.self) { try request(lines).checkSize(blame: "--stdin") }
        #expect(error.description.hasPrefix("--stdin: the job has 20"))
        #expect(error.description.hasSuffix("at most 2097152"))
    }
}
