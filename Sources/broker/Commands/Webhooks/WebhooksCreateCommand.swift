// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks create`: a URL that is told from now on.
struct WebhooksCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a webhook and print its secret, which is shown only now.",
        usage: "broker webhooks create <url> [<options>]",
        discussion: """
            It is told of all events of all jobs, unless --events and --label say less.

            EVENTS
            \(WebhookEventType.selectable.map { "  \($0.rawValue)" }.joined(separator: "\n"))

            EXAMPLES
              broker webhooks create https://chat.example.com/hooks/broker --events job.failed,job.partial_failure,agent.lost
            """
    )

    @Argument(help: "Where to send events: https://…, or http:// where outgoing.allow has the address.")
    var url: String

    @OptionGroup var filter: WebhookFilterOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let made = try await client.createWebhook(url, events: filter.names, labels: filter.filter)
            console.write(try presenter.text(one: made, .newWebhooks) { $0.secret + "\n" })
            if case .table = presenter.format {
                console.say("webhook \(made.webhook.id); the secret is not shown again")
            }
        }
    }
}
