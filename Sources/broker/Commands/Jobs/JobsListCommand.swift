// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs list`: jobs, newest first.
struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first.",
        usage: "broker jobs list [<options>]",
        discussion: """
            Of several filters a job has to fit all. Times are RFC 3339, a day, 'today', 'yesterday' or 'now', or a \
            length of time: 2h is two hours ago. Days begin at midnight UTC, as all times that are shown are UTC.

            The first 10 jobs are shown, or --limit, at most 100. --all reads page after page; --limit is then the \
            size of a page. What a part leaves out, and that a listing is empty, is said on stderr. --cursor goes on \
            behind the part that gave it (pagination.next_cursor of the HTTP API).

            EXAMPLES
              broker jobs list --status failed --operation 'service.*' --from yesterday
              broker jobs list --agent web-1 --agent-status failed --changed true
              broker jobs list --label ticket=OPS-311 --all -o csv
            """
    )

    @OptionGroup var filter: JobFilterOptions
    @OptionGroup var page: PageOptions

    @Option(help: ArgumentHelp("Go on behind the part that gave this.", valueName: "text"))
    var cursor: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if cursor != nil, page.offset != nil { throw ValidationError("--cursor and --offset exclude each other") }
    }

    func run() async throws {
        let console = Console()
        let filter = try filter.filter(now: .now)
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "jobs")
            // A job that is submitted meanwhile pushes others to the next page, where they would come again.
            try await printer.show(.jobs, page: page, from: cursor, isAfter: { $0.id < $1.id }) { limit, start in
                try await client.jobs(filter, limit: limit, from: start)
            }
        }
    }
}
