// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents join-token list`: the tokens that there are.
struct JoinTokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, newest first, without what is secret of them.",
        usage: "broker agents join-token list [<options>]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let tokens = try await client.joinTokens().items
            console.write(try presenter.text(tokens, .joinTokens))
            if tokens.isEmpty { console.say("no join tokens") }
        }
    }
}
