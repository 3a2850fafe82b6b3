// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker keys list`: keys, never their secrets.
struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List keys, newest first, those that were revoked included.",
        usage: "broker keys list [<options>]",
        discussion: """
            --prefix takes the beginning of a secret, or all of it, and shows whose it is.

            EXAMPLES
              broker keys list --prefix brk_9b7e7ecc3b28
            """
    )

    @Option(help: ArgumentHelp("Only keys whose id begins so: the beginning of a secret.", valueName: "text"))
    var prefix: String?

    @Option(help: "Only keys of this name.")
    var name: String?

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let printer = ListingPrinter(presenter: output.presenter(console), console: console, noun: "keys")
            try await printer.show(.keys, page: page, isAfter: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
                limit,
                start in
                try await client.keys(prefix: prefix, name: name, limit: limit, from: start)
            }
        }
    }
}
