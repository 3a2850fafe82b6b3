// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs delete`: takes jobs that have ended out of the record.
struct JobsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete jobs that have ended, with their runs and timelines.",
        usage: "broker jobs delete <id> ... [<options>]",
        discussion: """
            One after another: the first that cannot be deleted ends the command with exit code 5. There is no way \
            back.

            EXAMPLES
              broker jobs delete 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41
            """
    )

    @Argument(help: "The ids of the jobs.", transform: { try jobID($0) })
    var ids: [JobID]

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            for id in ids {
                try await client.delete(id)
                if !quiet { console.say("deleted job \(id)") }
            }
        }
    }
}
