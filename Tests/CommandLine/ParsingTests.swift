// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Testing

struct CommandTreeTests {
    private let tree = CommandTree(
        "broker",
        [
            CommandTree("exec"), CommandTree("run"),
            CommandTree("operations", [CommandTree("list"), CommandTree("get", aliases: ["describe"])]),
            CommandTree("jobs", [CommandTree("list"), CommandTree("get")]), CommandTree("targets"),
        ]
    )

    @Test(
        arguments: [
            ([], "broker"), (["exec", "-t", "x", "ls"], "broker exec"), (["jobs", "list"], "broker jobs list"),
            (["help", "jobs", "get"], "broker jobs get"), (["--help"], "broker"), (["jobs", "-h"], "broker jobs"),
            (["exec", "jobs", "odd"], "broker exec"), (["help"], "broker"),
            (["operations", "describe", "ping"], "broker operations get"),
        ] as [([String], String)]
    )
    func `the first words name the command`(arguments: [String], command: String) throws {
        #expect(try tree.command(in: arguments) == command)
    }

    @Test(
        arguments: [
            ("-o json jobs list --all", "jobs list -o json --all"),
            ("--url u jobs -o csv get --key=k id", "jobs get --url u -o csv --key=k id"),
            ("--url=u exec -t x -- ls -o", "exec --url=u -t x -- ls -o"),
            ("-o json operations describe ping", "operations describe -o json ping"),
            ("exec -o json ls", "exec -o json ls"), ("jobs list", "jobs list"), ("", ""),
            ("--help", "--help"), ("-x y jobs list", "-x y jobs list"), ("--url", "--url"), ("--url u", "--url u"),
            ("-o json nope list", "-o json nope list"), ("help jobs", "help jobs"), ("-o json jobs", "-o json jobs"),
        ]
    )
    func `options that all commands have may come before the command`(given: String, taken: String) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

        let options: Set = ["-o", "--url", "--key"]

        #expect(tree.withOptionsBehind(words(given), common: options) == words(taken))
    }

    @Test(
        arguments: [
            (["exce", "-t", "_all"], "there is no command 'exce'; did you mean 'exec'?"),
            (["jobs", "lst"], "there is no command 'jobs lst'; did you mean 'jobs list'?"),
            (
                ["operations", "descrbe"],
                "there is no command 'operations descrbe'; did you mean 'operations describe'?"
            ),
            (["help", "nope"], "there is no command 'nope'; broker --help lists them"),
            (["op"], "there is no command 'op'; did you mean 'operations'?"),
            (["EXEC"], "there is no command 'EXEC'; broker --help lists them"),
            (["jobs", "\u{1B}c"], "there is no command 'jobs ^[c'; broker jobs --help lists them"),
        ] as [([String], String)]
    )
    func `a word that is no command is told, with the one that was meant`(arguments: [String], message: String) {
        #expect(throws: UsageError(message)) { try tree.command(in: arguments) }
    }
}

struct ProgramArgumentsTests {
    @Test func `arguments in UTF-8 pass as they are`() throws {
        #expect(try programArguments([Array("ü".utf8), [], Array("日本".utf8)]) == ["ü", "", "日本"])
    }

    @Test func `an argument that is not UTF-8 is refused with its place`() {
        #expect(throws: UsageError("argument 2 is not UTF-8 text: 'a<ff>b'")) {
            try programArguments([[0x61], [0x61, 0xFF, 0x62]])
        }
    }
}
