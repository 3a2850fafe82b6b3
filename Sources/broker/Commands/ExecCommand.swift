// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Jobs

/// `broker exec`: a program with its arguments on every host, no shell between.
struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program on hosts, without a shell.",
        usage: "broker exec -t <expression> [<options>] -- <program> [<argument> ...]",
        discussion: """
            The program and its arguments come after --, and go to each host just as they are (command.exec). They, \
            and all other arguments, must be UTF-8.

            --secret-env names a variable of this program, since what is on a command line can be seen by everybody \
            on the machine. --stdin takes UTF-8, at most 1 MiB.

            While the job runs, stderr shows how it goes; Ctrl-C ends the waiting, not the job. The exit code is 0 \
            where every host completed, 3 where some failed, 4 where all did.

            EXAMPLES
              broker exec --target 'env=prod' -- uptime
              broker exec -t 'group=web.*' --timeout 2m --show-output failed -- apt-get -qq update
              broker exec -t web-1 --no-wait -- /usr/local/bin/rotate --all
            """
    )

    @OptionGroup var job: JobOptions
    @OptionGroup var command: CommandOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(help: .hidden)
    var stray: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var argv: [String] = []

    func validate() throws {
        guard stray == nil, !argv.isEmpty else {
            // What stands before -- may as well be the value of an option that there is not.
            let found = stray.map { "'\($0)' is neither an option nor the value of one; " } ?? ""
            let words = argv.isEmpty ? stray ?? "uptime" : argv.joined(separator: " ")
            throw ValidationError(
                "\(found)the program and its arguments go after --, such as: broker exec --target _all -- \(words)"
            )
        }
    }

    func run() async throws {
        var parameters = try command.parameters()
        parameters.set("argv", .array(argv.map(JSONValue.string)))
        let request = job.request("command.exec", parameters.json)
        var submission = Submission(job: job, waiting: waiting, output: output, connection: connection)
        submission.largest = command.stdin == nil ? nil : "--stdin"
        try await submission.run { _ in request }
    }
}
