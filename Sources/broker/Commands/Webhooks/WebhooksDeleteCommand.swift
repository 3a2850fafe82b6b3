// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks delete`: a URL that is told nothing more.
struct WebhooksDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a webhook, with what it has not been told.",
        usage: "broker webhooks delete <id> [<options>]"
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            try await client.deleteWebhook(id)
            if !quiet { console.say("deleted webhook \(id)") }
        }
    }
}
