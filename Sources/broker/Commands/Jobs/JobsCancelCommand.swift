// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs cancel`: ends a job on all its hosts.
struct JobsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a job: withdraw it where it has not begun, end it where it runs.",
        usage: "broker jobs cancel <id> [<options>]",
        discussion: """
            The job is withdrawn where it has not begun, and ended where it runs: a process gets SIGTERM, and \
            SIGKILL after the grace (0 to 10 minutes); so does everything it has started.

            The command waits until every host has told how its run ended, and shows that; the exit code is 0 if no \
            run goes on. With --no-wait it prints the id as soon as the controller has the request on its disk. To \
            cancel a job that was cancelled before is fine; one that has ended otherwise has exit code 5.

            EXAMPLES
              broker jobs cancel 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 --reason 'wrong hosts' --grace 1s
            """
    )

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Option(help: "Why; kept with the job.")
    var reason: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "From SIGTERM to SIGKILL, such as 0s or 1m; else what each agent is set to.",
            valueName: "time"
        ),
        transform: { try TimeSpan($0, allowingZero: true) }
    )
    var grace: TimeSpan?

    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Wait until every run has ended.")
    var wait = true

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try waiting.check(isWaiting: wait)
        let console = Console()
        try await connection.withClient(console) { client in
            guard wait else {
                let job = try await client.cancel(id, reason: reason, grace: grace?.seconds)
                console.write(try output.presenter(console).text(one: job, .jobs) { "\($0.id)\n" })
                if !waiting.quiet { console.say("to watch it: broker jobs watch \(id)") }
                return
            }
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            do {
                try await watch.run { try await client.cancel(id, reason: reason, grace: grace?.seconds) }
            } catch let ending as Ending where [.someHostsFailed, .allHostsFailed].contains(ending.status) {
                // That a job which was to be cancelled did not end well is what was asked for.
            }
        }
    }
}
