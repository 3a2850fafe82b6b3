// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs retry`: a new job of runs of one that has ended.
struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Submit a job again on those of its hosts where it did not go well.",
        usage: "broker jobs retry <id> [<options>]",
        discussion: "Results and exit codes are those of the command that submitted it."
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Option(help: "Which hosts: where it failed or timed out, where it did not complete, or all.")
    var only: RetrySelection = .failed

    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Wait until the new job is at its end.")
    var wait = true

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try waiting.check(isWaiting: wait)
        let console = Console()
        try await connection.withClient(console) { client in
            guard wait else {
                let job = try await client.retry(id, only: only)
                console.write(try output.presenter(console).text(one: job, .jobs) { "\($0.id)\n" })
                if !waiting.quiet { console.say("to watch it: broker jobs watch \(job.id)") }
                return
            }
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            try await watch.run { try await client.retry(id, only: only) }
        }
    }
}
