// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs watch`: waits for a job that was submitted before, or shows what happens in all jobs.
struct JobsWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Wait for a job and show what becomes of it, or show what happens in all jobs.",
        usage: "broker jobs watch [<id>] [<options>]",
        discussion: """
            With an id, results and exit codes are those of the command that submitted it.
            Without one, it shows every line of every job's timeline from now on, until
            it is interrupted or --wait-timeout is over.

            EXAMPLES
              broker jobs watch 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 --wait-timeout 10m
              broker jobs watch -o ndjson
            """
    )

    @Argument(help: "The id of the job; all jobs if left out.", transform: { try jobID($0) })
    var id: JobID?

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard id == nil else { return }
        if output.output == .json { throw ValidationError("without an id there is no end to wait for: use -o ndjson") }
        if waiting.showOutput != nil { throw ValidationError("--show-output goes with the id of a job") }
    }

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            guard let id else {
                let watch = FeedWatch(client: client, presenter: output.presenter(console), console: console)
                return try await watch.run(atMost: waiting.waitTimeout?.duration)
            }
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            try await watch.run { try await client.job(id) }
        }
    }
}
