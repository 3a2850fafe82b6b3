// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks list`: webhooks, never their secrets.
struct WebhooksListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List webhooks, newest first.",
        usage: "broker webhooks list [<options>]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let webhooks = try await client.webhooks()
            console.write(try output.presenter(console).text(webhooks, .webhooks))
            if webhooks.isEmpty { console.say("no webhooks") }
        }
    }
}
