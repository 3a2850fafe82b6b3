// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker objects list`: what is stored.
struct ObjectsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List objects by their names.",
        usage: "broker objects list [<options>]"
    )

    @Option(help: "Only objects whose names begin so.")
    var prefix: String?

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
            let part = try await client.objects(prefix: prefix, limit: limit, cursor: cursor)
            console.write(try output.presenter(console).text(part.items, .objects))
            if part.items.isEmpty { console.say("no objects") }
            if let next = part.nextCursor { console.say("there are more objects: --cursor \(next)") }
        }
    }
}
