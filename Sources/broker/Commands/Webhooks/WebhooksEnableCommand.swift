// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks enable`: a URL that was given up is told again.
struct WebhooksEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Tell a webhook again that was given up; what is pending is sent first.",
        usage: "broker webhooks enable <id> [<options>]"
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let webhook = try await client.enableWebhook(id)
            console.write(try output.presenter(console).text([webhook], .webhooks))
        }
    }
}
