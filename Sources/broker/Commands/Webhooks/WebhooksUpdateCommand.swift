// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks update`: another URL, other events, other labels.
struct WebhooksUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change where a webhook is, and of what it is told from now on.",
        usage: "broker webhooks update <id> [<options>]",
        discussion: "What is left out stays. The secret does as well; \u{27}broker webhooks rotate\u{27} gives another."
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @Option(name: .customLong("to"), help: ArgumentHelp("Where to send events, pending ones too.", valueName: "url"))
    var url: String?

    @OptionGroup var filter: WebhookFilterOptions

    @Flag(help: "Tell it of jobs whatever their labels.")
    var anyLabels = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !anyLabels || filter.labels.isEmpty else {
            throw ValidationError("--label and --any-labels exclude each other")
        }
        guard url != nil || anyLabels || !filter.events.isEmpty || !filter.labels.isEmpty else {
            throw ValidationError("say what is to be another: --to, --events, --label or --any-labels")
        }
    }

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let webhook = try await client.updateWebhook(
                id,
                url: url,
                events: filter.names,
                labels: anyLabels ? [:] : filter.filter
            )
            console.write(try output.presenter(console).text([webhook], .webhooks))
        }
    }
}
