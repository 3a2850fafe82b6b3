// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker objects put`: a file becomes an object.
struct ObjectsPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Store a file as an object.",
        usage: "broker objects put [<name>] <file> [<options>]",
        discussion: "Without a name it is that of the file. A file that the controller has already is not sent again."
    )

    @Argument(help: ArgumentHelp("The name of the object, and the file.", valueName: "name> <file"))
    var arguments: [String]

    @Flag(help: "Fail where there is an object of this name already.")
    var new = false

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    private var file: String { arguments.last ?? "" }

    private var name: String {
        arguments.count == 2 ? arguments[0] : String(file.split(separator: "/").last ?? "")
    }

    func validate() throws {
        guard (1...2).contains(arguments.count) else { throw ValidationError("give a name and a file, or a file") }
        if let fault = ObjectName.fault(in: name) { throw ValidationError("the name '\(name)' \(fault)") }
    }

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        let display = TransferDisplay(console: console, verb: "sent", quiet: quiet)
        try await connection.withClient(console) { client in
            let object = try await client.putObject(name, from: file, mustBeNew: new) { display.show($0, of: $1) }
            display.end()
            console.write(try presenter.text(one: object, .objects) { "\($0.sha256)\n" })
            if case .table = presenter.format, !quiet {
                console.say("stored \(object.name), \(object.size) bytes")
            }
        }
    }
}
