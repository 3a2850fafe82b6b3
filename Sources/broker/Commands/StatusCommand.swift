// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker status`: the controller at a glance.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the controller at a glance: jobs per status, agents.",
        usage: "broker status [<options>]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let status = try await client.status()
            guard presenter.format != .csv else {
                return console.write(try presenter.text(NamedValue.all(in: status), .namedValues))
            }
            let text = try presenter.text(one: status, .jsonValues) { value in
                var details = Details()
                for member in NamedValue.all(in: value) { details.add(member.name, member.value.brief) }
                return details.text(colours: presenter.colours)
            }
            console.write(text)
        }
    }
}
