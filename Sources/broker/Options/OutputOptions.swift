// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Glibc

extension OutputFormat: ExpressibleByArgument {}
extension OutputChoice: ExpressibleByArgument {}
extension ColourChoice: ExpressibleByArgument {}

/// How results are shown: every command with results has these.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How to write results.")
    var output: OutputFormat = .table

    @Option(help: "Whether to use colours.")
    var color: ColourChoice = .auto

    /// What turns records into text for stdout.
    func presenter(_ console: Console) -> Presenter {
        Presenter(
            format: output,
            colours: output == .table
                && color.isOn(isTerminal: console.isOutputTerminal, environment: console.environment),
            width: console.width(of: STDOUT_FILENO)
        )
    }
}

/// Which part of a listing is shown.
struct PageOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "How many to show at most; what the controller gives at once if left out.")
    var limit: Int?

    @Option(parsing: .unconditional, help: "How many to pass over.")
    var offset: Int?

    @Flag(help: "Show all, page by page; --limit is then the size of a page.")
    var all = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if let offset, offset < 0 { throw ValidationError("--offset must not be negative") }
    }
}
