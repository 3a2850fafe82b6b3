// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks rotate`: another secret, with an overlap.
struct WebhooksRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a webhook another secret; for a while messages are signed with both.",
        usage: "broker webhooks rotate <id> [<options>]",
        discussion: """
            The present secret stays good for a day, or for --overlap: take the new one where messages are received \
            meanwhile.

            EXAMPLES
              broker webhooks rotate ID --overlap 1h
            """
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("For how long the present secret stays good: 1h, 7d; 1d if left out.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var overlap: TimeSpan?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let made = try await client.rotateWebhookSecret(id, overlap: overlap?.seconds)
            console.write(try presenter.text(one: made, .newWebhooks) { $0.secret + "\n" })
            if case .table = presenter.format, let until = made.webhook.previousSecretUntil {
                console.say("the secret before stays good until \(until); the new one is not shown again")
            }
        }
    }
}
