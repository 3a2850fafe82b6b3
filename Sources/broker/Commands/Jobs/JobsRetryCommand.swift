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
        discussion: """
            Results and exit codes are those of the command that submitted it, for the new job; where there is \
            nothing to retry the exit code is 5. With --no-wait the id of the new job is printed.

            EXAMPLES
              broker jobs retry 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41
              broker jobs retry 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 --only not_completed --no-wait
            """
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
