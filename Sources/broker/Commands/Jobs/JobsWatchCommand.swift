// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs watch`: waits for a job that was submitted before.
struct JobsWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Wait for a job and show what becomes of it.",
        usage: "broker jobs watch <id> [<options>]",
        discussion: """
            Results and exit codes are those of the command that submitted it.

            EXAMPLES
              broker jobs watch 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 --wait-timeout 10m
            """
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            try await watch.run { try await client.job(id) }
        }
    }
}
