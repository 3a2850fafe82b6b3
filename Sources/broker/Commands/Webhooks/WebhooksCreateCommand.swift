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
            EVENTS
            \(WebhookEventType.selectable.map { "  \($0.rawValue)" }.joined(separator: "\n"))

            EXAMPLES
              broker webhooks create https://chat.example.com/hooks/broker --events job.failed,job.partial_failure,agent.lost
            """
    )

    @Argument(help: "Where to send events: https://…, or http:// where outgoing.allow has the address.")
    var url: String

    @Option(
        help: ArgumentHelp(
            "Of what it is told; can be given again, or with commas. All if left out.",
            valueName: "event,..."
        )
    )
    var events: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    private var names: [String] {
        events.flatMap { $0.split(separator: ",") }.map { String($0.drop { $0 == " " }) }
    }

    func validate() throws {
        for name in names where !WebhookEventType.selectable.contains(where: { $0.rawValue == name }) {
            let known = WebhookEventType.selectable.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no event \u{27}\(name)\u{27}; there are \(known)")
        }
    }

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let made = try await client.createWebhook(url, events: names.isEmpty ? nil : names)
            console.write(try presenter.text(one: made, .newWebhooks) { $0.secret + "\n" })
            if case .table = presenter.format {
                console.say("webhook \(made.webhook.id); the secret is not shown again")
            }
        }
    }
}
