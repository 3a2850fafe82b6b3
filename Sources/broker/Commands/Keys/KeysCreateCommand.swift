// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker keys create`: a key for somebody else.
struct KeysCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a key and print its secret, which is shown only now.",
        usage: "broker keys create <name> --scope <scope>,... [<options>]",
        discussion: """
            SCOPES
            \(Scope.allCases.map { "  \($0.rawValue)" }.joined(separator: "\n"))

            A key gets no more than the key that creates it has: neither scopes, nor hosts, nor operations, nor time. Its \
            secret alone goes to stdout, and is not to be had again; what the key may do is on stderr.

            EXAMPLES
              broker keys create ann --scope job:read,job:write
              broker keys create ci --scope job:read,job:write --expires 90d --target 'env=dev' --operations 'ping,command.*'
            """
    )

    @Argument(help: "Who is going to use it; shown as created_by.")
    var name: String

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp("What it may be used for; can be given again, or with commas.", valueName: "scope,...")
    )
    var scopes: [String]

    @Option(
        name: .customLong("expires"),
        parsing: .unconditional,
        help: ArgumentHelp("In what time it expires: 12h, 30d; never if left out.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var expiry: TimeSpan?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only hosts that this selects: a target expression.", valueName: "expression")
    )
    var target: [String] = []

    @Option(
        help: ArgumentHelp("Only these operations: names, service.* for all below a name.", valueName: "pattern,...")
    )
    var operations: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        _ = try onlyTarget(target)
        for scope in scopes.flatMap(words) where Scope(rawValue: scope) == nil {
            let known = Set(Scope.allCases).names.joined(separator: ", ")
            throw ValidationError("there is no scope '\(scope)'; there are \(known)")
        }
    }

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        let request = KeyRequest(
            name: name,
            scopes: scopes.flatMap(words),
            expiresIn: expiry?.seconds,
            target: target.first,
            operations: operations.isEmpty ? nil : operations.flatMap(words)
        )
        try await connection.withClient(console) { client in
            let made = try await client.createKey(request)
            console.write(try presenter.text(one: made, .newKeys) { $0.secret + "\n" })
            if case .table = presenter.format {
                console.say(made.key.details.lines().joined(separator: "\n"))
                console.say("the secret is not shown again")
            }
        }
    }

    private func words(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }
}
