// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker webhooks replay`: a delivery once more.
struct WebhooksReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send a delivery again, with the id that it has.",
        usage: "broker webhooks replay <id> <delivery> [<options>]"
    )

    @Argument(help: "The id of the webhook.")
    var id: String

    @Argument(help: "The id of the delivery.")
    var delivery: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let replayed = try await client.replayDelivery(delivery, of: id)
            console.write(try output.presenter(console).text([replayed], .deliveries))
        }
    }
}
