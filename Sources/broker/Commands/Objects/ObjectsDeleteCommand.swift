// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine

/// `broker objects delete`: a name that stands for nothing any more.
struct ObjectsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an object; open jobs keep its bytes until they have ended.",
        usage: "broker objects delete <name> [<options>]"
    )

    @Argument(help: "The name of the object.")
    var name: String

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            try await client.deleteObject(name)
            if !quiet { console.say("deleted object \(name)") }
        }
    }
}
