// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents reject`: refuses a host that waits.
struct AgentsRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Refuse a host that waits to be an agent, for good.",
        usage: "broker agents reject <host> [<options>]",
        discussion: """
            Its key is refused from then on.

            EXAMPLES
              broker agents reject web-9
            """
    )

    @Argument(help: "The name of the host, or its id where several of that name wait.")
    var host: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let rejected = try await client.reject(host)
            console.write(
                try presenter.text(one: rejected, .enrolments) {
                    "\($0.hostname) rejected, with the key sha256:\($0.fingerprint)\n"
                }
            )
        }
    }
}
