// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker targets preview`: whom an expression selects now.
struct TargetsPreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show whom an expression selects now; nothing is run.",
        usage: "broker targets preview <expression> [<options>]",
        discussion: """
            At most the first 1000 hosts are shown; the number of all is on stderr.

            EXAMPLES
              broker targets preview 'env=prod and not web-3'
            """
    )

    @Argument(help: "The expression.")
    var expression: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let page = try await client.preview(expression)
            console.write(try output.presenter(console).text(page.items, .selected))
            let away = page.items.count { !$0.connected }
            let total = page.totalItems ?? page.items.count
            let more = page.items.count < total ? "; the first \(page.items.count) are shown" : ""
            console.say("\(total) \(total == 1 ? "host" : "hosts"), \(away) of them away\(more)")
        }
    }
}
