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
            it is so is said on stderr. With --full all of it comes, from the agent, which keeps it for a day unless it is set otherwise. \
            On a terminal, control characters are made visible.
            """
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Argument(help: "The hostname.")
    var host: String

    @Flag(name: .customLong("stderr"), help: "What was written to stderr, in place of stdout.")
    var wantsErrors = false

    @Flag(help: "All of it; the agent has to be connected where the record has not all.")
    var full = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let stream: RunOutput.Stream = wantsErrors ? .stderr : .stdout
        try await connection.withClient(console) { client in
            if full { return try await writeAll(stream, client, console) }
            let output = try await client.output(of: id, on: host, stream)
            if console.isOutputTerminal {
                console.write(SafeText.block.made(of: ByteText(output.bytes).description))
            } else {
                console.write(bytes: output.bytes)
            }
            guard output.isTruncated else { return }
            console.say("shortened: \(output.totalBytes.map { "\($0) bytes" } ?? "more") were written in all")
        }
    }

    /// Writes all of it as it comes.
    private func writeAll(_ stream: RunOutput.Stream, _ client: BrokerClient, _ console: Console) async throws {
        let output = try await client.wholeOutput(of: id, on: host, stream)
        for try await piece in output.bytes {
            if console.isOutputTerminal {
                console.write(SafeText.block.made(of: ByteText(piece).description))
            } else {
                console.write(bytes: piece)
            }
        }
        guard output.isTruncated else { return }
        let total = output.totalBytes.map { "\($0) bytes" } ?? "more"
        console.say("shortened: \(total) were written in all, and the agent has kept the first \(output.size ?? 0)")
    }
}
