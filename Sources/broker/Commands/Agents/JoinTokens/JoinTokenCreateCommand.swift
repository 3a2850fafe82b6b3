// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents join-token create`: a new token.
struct JoinTokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token, which is shown only now.",
        usage: "broker agents join-token create [<options>]",
        discussion: """
            On the host: broker-agent join TOKEN. Whoever has the token can make hosts agents with it. Its labels go \
            before what the agents say of themselves.

            EXAMPLES
              broker agents join-token create --uses 50 --ttl 12h --label env=prod
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long it can be used: 30m, 12h; an hour if left out.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var ttl: TimeSpan?

    @Option(parsing: .unconditional, help: "How many agents it makes at most; 1 if left out.")
    var uses: Int?

    @Option(
        name: [.customLong("label"), .customLong("labels")],
        help: ArgumentHelp("A label for its agents; may be given again.", valueName: "name=value")
    )
    var labels: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        let given = try givenLabels(labels.flatMap { $0.split(separator: ",").map(String.init) })
        try await connection.withClient(console) { client in
            let token = try await client.createJoinToken(lifetime: ttl?.duration, uses: uses, labels: given)
            console.write(try presenter.text(one: token, .joinTokens) { ($0.token ?? "") + "\n" })
        }
    }
}
