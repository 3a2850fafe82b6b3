// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs output`: what a job's command wrote on a host.
struct JobsOutputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "output",
        abstract: "Write what a job's command wrote on a host, byte for byte.",
        usage: "broker jobs output <id> <host> [<options>]",
        discussion: """
            Of much output the record has the beginning and the end, and a line between that says how much was left out; that \
            it is so is said on stderr. On a terminal, control characters are made visible.
            """
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Argument(help: "The hostname.")
    var host: String

    @Flag(name: .customLong("stderr"), help: "What was written to stderr, in place of stdout.")
    var wantsErrors = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let output = try await client.output(of: id, on: host, wantsErrors ? .stderr : .stdout)
            if console.isOutputTerminal {
                console.write(SafeText.block.made(of: ByteText(output.bytes).description))
            } else {
                console.write(bytes: output.bytes)
            }
            guard output.isTruncated else { return }
            console.say("shortened: \(output.totalBytes.map { "\($0) bytes" } ?? "more") were written in all")
        }
    }
}
