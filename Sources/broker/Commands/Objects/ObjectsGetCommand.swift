// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker objects get`: the bytes of an object in a file, or what is known of it.
struct ObjectsGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show an object, or get its bytes into a file.",
        usage: "broker objects get <name> [--to <file>] [<options>]"
    )

    @Argument(help: "The name of the object.")
    var name: String

    @Option(
        help: ArgumentHelp("The file to write its bytes to, - for stdout.", valueName: "file"),
        completion: .file()
    )
    var to: String?

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let display = TransferDisplay(console: console, verb: "received", quiet: quiet || to == "-")
        try await connection.withClient(console) { client in
            guard let to else {
                let object = try await client.object(name)
                return console.write(try output.presenter(console).text([object], .objects))
            }
            guard to != "-" else {
                _ = try await client.readObject(name) { bytes, _, _ in console.write(bytes: bytes) }
                return
            }
            let object = try await fetch(client, to, display)
            console.write(try output.presenter(console).text(one: object, .objects) { "\($0.sha256)\n" })
            if output.output == .table, !quiet { console.say("wrote \(to), \(object.size) bytes") }
        }
    }

    /// Writes the object to a file, which appears once it is whole.
    private func fetch(
        _ client: BrokerClient,
        _ path: String,
        _ display: TransferDisplay
    ) async throws -> ObjectRecord {
        let file = try OutputFile(path)
        do {
            let object = try await client.readObject(name) { bytes, place, size in
                try file.write(bytes)
                display.show(place, of: size)
            }
            try file.finish()
            display.end()
            return object
        } catch {
            file.discard()
            throw error
        }
    }
}
