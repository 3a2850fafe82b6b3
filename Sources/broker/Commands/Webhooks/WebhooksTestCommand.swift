// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks test`: a message to try a receiver with.
struct WebhooksTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Send a webhook the event webhook.test; \u{27}broker webhooks deliveries\u{27} shows what came of it.",
        usage: "broker webhooks test <id> [<options>]"
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let delivery = try await client.testWebhook(id)
            console.write(try output.presenter(console).text([delivery], .deliveries))
        }
    }
}
