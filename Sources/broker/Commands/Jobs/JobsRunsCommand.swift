// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs runs`: what a job did on each host.
struct JobsRunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List the runs of a job: one for each host.",
        usage: "broker jobs runs <id> [<options>]",
        discussion: """
            By hostname. Output is in json, ndjson and csv.

            EXAMPLES
              broker jobs runs 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 --status failed --all -o ndjson
            """
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Option(name: .customLong("status"), help: "Only runs in this state.")
    var state: RunState?

    @Option(
        help: ArgumentHelp("Only runs that changed their host, did not, or did not tell.", valueName: "true|false|null")
    )
    var changed: JobFilter.Change?

    @Option(help: ArgumentHelp("Only runs on hosts whose names begin so.", valueName: "text"))
    var search: String?

    @Option(help: ArgumentHelp("Only runs with this result, as 'jobs get --group' has it.", valueName: "digest|null"))
    var digest: RunFilter.Result?

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let filter = RunFilter(state: state, change: changed, search: search, result: digest)
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "runs")
            try await printer.show(.runs, page: page, isAfter: { $0.hostname > $1.hostname }) { limit, start in
                try await client.runs(of: id, filter, limit: limit, from: start)
            }
        }
    }
}
