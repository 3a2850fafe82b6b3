// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import BrokerClient
import CommandLine
public import Jobs

extension EnrolmentState: ExpressibleByArgument {}

/// `broker agents enrolments`: hosts that have asked to be agents.
struct AgentsEnrolmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrolments",
        abstract: "List hosts that have asked to be agents, newest first.",
        usage: "broker agents enrolments [<options>]",
        discussion: """
            With the fingerprints of their keys, and what became of them.

            EXAMPLES
              broker agents enrolments --state pending
            """
    )

    @Option(help: "Only requests that stand so: pending, accepted, rejected, revoked or replaced.")
    var state: EnrolmentState?

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "enrolments")
            try await printer.show(.enrolments, page: page, isAfter: { $0.requestedAt <= $1.requestedAt }) {
                limit,
                start in
                try await client.enrolments(state: state, limit: limit, from: start)
            }
        }
    }
}
