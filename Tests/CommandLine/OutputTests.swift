// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Jobs
import StubController
import Testing

struct SafeTextTests {
    @Test(arguments: [
        ("plain ü 日本", "plain ü 日本"), ("\u{1B}[31mred\u{7}", "^[[31mred^G"), ("a\nb\tc", "a⏎b^Ic"),
        ("\u{9B}31m", "<9b>31m"), ("\u{7F}\0", "^?^@"), ("a\u{202E}b", "a<202e>b"), ("a\r\nb", "a^M⏎b"),
    ])
    func `a line keeps no control character`(text: String, safe: String) {
        #expect(SafeText.line.made(of: text) == safe)
    }

    @Test(arguments: [
        ("a\n\tb\n", "a\n\tb\n"), ("a\r\nb\r\n", "a\nb\n"), ("50%\r100%", "50%^M100%"),
        ("\u{1B}]0;title\u{7}", "^[]0;title^G"),
    ])
    func `a block keeps line breaks and tabs alone`(text: String, safe: String) {
        #expect(SafeText.block.made(of: text) == safe)
    }

    @Test func `whatever comes in, nothing that a terminal obeys comes out`() {
        let everything = String(String.UnicodeScalarView((0...0x2100).compactMap { Unicode.Scalar($0) }))

        let line = SafeText.line.made(of: everything)
        let block = SafeText.block.made(of: everything)

        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(
            block.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control || "\n\t".unicodeScalars.contains($0)
            }
        )
    }
}

struct ByteTextTests {
    @Test(
        arguments: [
            (Array("plain ü 日本".utf8), "plain ü 日本", true), ([0x61, 0xFF, 0x62, 0x63], "a<ff>bc", true),
            ([0xC3], "<c3>", false), ([0xE6, 0x97, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66], "<e6><97>abcdef", true),
            ([0xED, 0xA0, 0x80], "<ed><a0><80>", false), ([0x61, 0, 0, 0x62], "a\0\0b", false), ([], "", true),
        ] as [([UInt8], String, Bool)]
    )
    func `bytes that are no text are made visible and counted`(bytes: [UInt8], text: String, isMostlyText: Bool) {
        let read = ByteText(bytes)

        #expect(read.description == text)
        #expect(read.isMostlyText == isMostlyText)
    }
}

struct CSVTests {
    @Test(
        arguments: [
            (["a", "b"], "a,b"), ([nil, ""], ","), (["a,b", "c\"d"], "\"a,b\",\"c\"\"d\""), (["a\nb"], "\"a\nb\""),
            (["a\r\nb"], "\"a\r\nb\""), (["=1+1", "-5", "@x"], "=1+1,-5,@x"), ([" a"], "\" a\""),
        ] as [([String?], String)]
    )
    func `records are quoted as RFC 4180 has it`(fields: [String?], record: String) {
        #expect(CSV.record(fields) == record)
    }
}

struct TableTests {
    private func table() -> Table {
        var table = Table([.text("host"), .number("exit"), .text("error")])
        table.add(["web-1", "0", Table.Cell(nil)])
        table.add(["日本", "127", Table.Cell("not found", .bad)])
        table.add(["", "", ""])
        return table
    }

    @Test func `columns are aligned, numbers at the right, wide characters counted twice`() {
        #expect(
            table().lines() == [
                "HOST   EXIT  ERROR",
                "web-1     0  -",
                "日本    127  not found",
                "-         -  -",
            ]
        )
    }

    @Test func `the last column is cut to the terminal, and only there`() {
        var table = Table([.text("a"), .text("b")])
        table.add(["x", Table.Cell(String(repeating: "long ", count: 20))])

        #expect(table.lines(width: 20)[1] == "x  long long long l…")
        #expect(table.lines(width: nil)[1].count == 103)
    }

    @Test func `colours surround the text, not the padding`() {
        #expect(table().lines(colours: true)[2] == "日本    127  \u{1B}[31mnot found\u{1B}[0m")
    }

    @Test func `control characters in cells are made visible`() {
        var table = Table([.text("a"), .text("b")])
        table.add(["\u{1B}[2J", "x\ny"])

        #expect(table.lines()[1] == "^[[2J  x⏎y")
    }
}

struct ColourChoiceTests {
    @Test(
        arguments: [
            (.auto, true, [:], true), (.auto, false, [:], false), (.auto, true, ["NO_COLOR": "1"], false),
            (.auto, true, ["NO_COLOR": ""], true), (.auto, true, ["TERM": "dumb"], false),
            (.always, false, ["NO_COLOR": "1"], true), (.never, true, [:], false),
        ] as [(ColourChoice, Bool, [String: String], Bool)]
    )
    func `colours follow the option, the terminal and the environment`(
        choice: ColourChoice,
        isTerminal: Bool,
        environment: [String: String],
        isOn: Bool
    ) {
        #expect(choice.isOn(isTerminal: isTerminal, environment: environment) == isOn)
    }
}

struct PresenterTests {
    private let runs = StubFleet([.completed, .failed], stdout: "a,\u{1B}b\n").runs

    @Test func `a table shows a line per host with the first line of its error`() throws {
        #expect(
            try Presenter(format: .table).text(runs, .runs) == """
                HOST   STATUS     CHANGED  EXIT  TOOK  ERROR
                web-1  completed  yes         0  0.1s  -
                web-2  failed     no          3  0.1s  exit code 3: no such table

                """
        )
    }

    @Test func `CSV has a header and a record per host`() throws {
        let text = try Presenter(format: .csv).text(runs, .runs)

        let header =
            "host,agent_id,status,attempt,changed,exit,duration_ms,error_code,error,"
            + "stdout,stdout_encoding,stdout_truncated,stderr,stderr_encoding,stderr_truncated,digest\r\n"
        #expect(text.hasPrefix(header + "web-1,a1,completed,1,true,0,120,,,\"a,\u{1B}b\n\",,,,,,\r\n"))
    }

    @Test func `CSV says how output is encoded and whether it is whole`() throws {
        var run = runs[0]
        run.data = [
            "stdout": "AP8=", "stdout_encoding": "base64", "stdout_truncated": true,
            "stderr": "x", "stderr_encoding": "utf-8", "stderr_truncated": false,
        ]

        #expect(RecordView.runs.csv(run).hasSuffix(",AP8=,base64,true,x,utf-8,false,"))
        #expect(RecordView.runs.csv(run.withoutOutput).hasSuffix(",,,,,,"))
    }

    @Test func `the last column says why nothing was run`() throws {
        var run = runs[0]
        run.data = ["skipped_because": "'/srv' exists"]

        #expect(try Presenter(format: .table).text([run], .runs).hasSuffix("  nothing run: '/srv' exists\n"))
        #expect(OutputBlocks(Presenter(format: .table)).text(run).isEmpty)
        #expect(run.withoutOutput.skippedBecause == "'/srv' exists")
    }

    @Test func `CSV on a terminal is harmless`() throws {
        let text = try Presenter(format: .csv, width: 80).text(runs, .runs)

        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("^[b"))
    }

    @Test func `NDJSON is one object a line`() throws {
        let lines = try Presenter(format: .ndjson).text(runs, .runs).split(separator: "\n")

        #expect(try lines.map { try JSON.decode(Run.self, from: $0.utf8) } == runs)
    }

    @Test func `JSON escapes what some terminals obey, and means the same`() throws {
        let value: JSONValue = ["a": "x\u{9B}31m\u{7F}\u{1B}"]

        let text = try JSONText.text(value, pretty: false)

        #expect(text == #"{"a":"x\u009b31m\u007f\u001b"}"#)
        #expect(try JSON.decode(JSONValue.self, from: text.utf8) == value)
    }

    private static let hollow: JSONValue = ["a": .array([]), "b": ["c": .object([:])], "text": "[\n\n]"]

    @Test(arguments: [
        (JSONValue.array([]), "[]"), (JSONValue.object([:]), "{}"),
        (hollow, "{\n  \"a\" : [],\n  \"b\" : {\n    \"c\" : {}\n  },\n  \"text\" : \"[\\n\\n]\"\n}"),
    ])
    func `what is empty takes no lines`(value: JSONValue, text: String) throws {
        #expect(try JSONText.text(value, pretty: true) == text)
    }

    @Test func `a listing tells the jobs that are dry runs`() throws {
        let (real, dry) = (StubFleet.job([.completed]), StubFleet.job([.completed], dryRun: true))
        let lines = try Presenter(format: .table).text([real, dry], .jobs).split(separator: "\n")

        #expect(lines.map { $0.contains("\(dry.operation.type) (dry run)") } == [false, false, true])
        let table = try Presenter(format: .csv).text([real, dry], .jobs).split(whereSeparator: \.isNewline)
        #expect(table.map { $0.split(separator: ",").last } == ["dry_run", "false", "true"])
    }

    @Test func `a job with runs is the job's object with one member more`() throws {
        let fleet = StubFleet([.completed, .failed])

        let text = try JSONText.text(JobWithRuns(fleet.job, runs: fleet.runs), pretty: true)

        #expect(try JSON.decode(Job.self, from: text.utf8) == fleet.job)
        #expect(try JSON.decode(JSONValue.self, from: text.utf8)["runs"]?.array?.count == 2)
    }

    @Test func `output blocks name host and stream, and end their last line`() {
        var run = runs[0]
        run.data = [
            "stdout": "up\u{1B}[0m", "stdout_bytes": 9000, "stdout_truncated": true,
            "stderr": "AP8=", "stderr_encoding": "base64", "stderr_bytes": 2,
        ]

        #expect(
            OutputBlocks(Presenter(format: .table, width: 80)).text(run) == """
                --- web-1: stdout (shortened, 9000 bytes in all)
                up^[[0m
                --- web-1: stderr
                (binary, 2 bytes; -o json has it in base64)

                """
        )
        #expect(OutputBlocks(Presenter(format: .table)).text(run).contains("up\u{1B}[0m\n"))
    }

    @Test func `output with a few bytes that are no text is shown with these made visible`() {
        var run = runs[0]
        // "caf", E9, " au lait", a line break
        run.data = ["stdout": "Y2Fm6SBhdSBsYWl0Cg==", "stdout_encoding": "base64", "stdout_bytes": 13]

        #expect(
            OutputBlocks(Presenter(format: .table)).text(run) == "--- web-1: stdout\ncaf<e9> au lait\n"
        )
    }

    @Test func `a difference is shown as the text that it is, after the rest of the data`() {
        var run = runs[0]
        run.data = ["bytes": 4, "diff": "--- /etc/motd\n+++ /etc/motd\n@@ -1 +1 @@\n-old\n+n\u{1B}ew\n"]

        let text = OutputBlocks(Presenter(format: .table, width: 80)).text(run)

        #expect(
            text == """
                --- web-1: data
                {
                  "bytes" : 4
                }
                --- web-1: diff
                --- /etc/motd
                +++ /etc/motd
                @@ -1 +1 @@
                -old
                +n^[ew

                """
        )
    }

    @Test func `data of an operation that is no command is shown as JSON that is harmless`() {
        var run = runs[0]
        run.data = ["pong": true, "name": "a\u{9B}31m\u{202E}b"]

        let text = OutputBlocks(Presenter(format: .table, width: 80)).text(run)

        #expect(text.hasPrefix("--- web-1: data\n{\n"))
        #expect(text.contains(#""name" : "a\u009b31m<202e>b""#))
        #expect(text.hasSuffix("}\n"))
        #expect(run.withoutOutput.data == [:])
    }
}
