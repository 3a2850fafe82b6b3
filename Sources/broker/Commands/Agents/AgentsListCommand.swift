// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents list`: agents, by hostname.
struct AgentsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List agents, by hostname.",
        usage: "broker agents list [<options>]",
        discussion: """
            EXAMPLES
              broker agents list --target 'env=prod' --disconnected
              broker agents list --target policy=broken -o json
            """
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only agents that this selects.", valueName: "expression")
    )
    var target: [String] = []

    @Flag(help: "Only agents that are connected.")
    var connected = false

    @Flag(help: "Only agents that are not connected.")
    var disconnected = false

    @Flag(help: "Only agents that are drained.")
    var drained = false

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        _ = try onlyTarget(target)
        if connected, disconnected { throw ValidationError("--connected and --disconnected exclude each other") }
    }

    func run() async throws {
        let console = Console()
        let filter: Bool? = connected ? true : disconnected ? false : nil
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "agents")
            try await printer.show(.agents, page: page, isAfter: { $0.hostname > $1.hostname }) { limit, start in
                try await client.agents(
                    target: target.first,
                    connected: filter,
                    drained: drained ? true : nil,
                    limit: limit,
                    from: start
                )
            }
        }
    }
}
