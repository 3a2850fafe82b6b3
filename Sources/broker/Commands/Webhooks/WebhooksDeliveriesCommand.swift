// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks deliveries`: what a webhook was told.
struct WebhooksDeliveriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "List what a webhook was told and is to be told, newest first.",
        usage: "broker webhooks deliveries <id> [<options>]"
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @Option(
        help: ArgumentHelp("Only deliveries in this state: pending, delivered, failed.", valueName: "state"),
        transform: { name in
            guard let state = WebhookDelivery.State(rawValue: name) else {
                throw ValidationError("a delivery is pending, delivered or failed, not '\(name)'")
            }
            return state
        }
    )
    var state: WebhookDelivery.State?

    @Option(parsing: .unconditional, help: "How many to show at most; what the controller gives at once if left out.")
    var limit: Int?

    @Option(help: "Where to go on: the cursor that the part before has named.")
    var cursor: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let part = try await client.deliveries(of: id, state: state, limit: limit, cursor: cursor)
            console.write(try output.presenter(console).text(part.items, .deliveries))
            if part.items.isEmpty { console.say("no deliveries") }
            if let next = part.nextCursor { console.say("there are more: --cursor \(next)") }
        }
    }
}
