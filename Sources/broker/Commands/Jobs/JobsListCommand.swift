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
        usage: "broker jobs list [<options>]"
    )

    @Option(help: "Only jobs with this status.")
    var status: JobStatus?

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "jobs")
            // A job that is submitted meanwhile pushes others to the next page, where they would come again.
            try await printer.show(.jobs, page: page, isAfter: { $0.id < $1.id }) { limit, start in
                try await client.jobs(status: status, limit: limit, from: start)
            }
        }
    }
}
