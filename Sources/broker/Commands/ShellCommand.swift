// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Jobs

/// `broker shell`: a line for `/bin/sh` on every host.
struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Run a line or a script with /bin/sh on hosts.",
        usage: "broker shell --target <expression> [<options>] '<line>'",
        discussion: """
            The line is one argument: put it in quotes, so that this shell leaves it alone. It is run by /bin/sh \
            (command.shell); the options are those of 'broker exec'.

            EXAMPLES
              broker shell --target 'group=web.*' 'df -h | grep /srv'
              broker shell -t _all --secret-env TOKEN 'curl -sH "X-Token: $TOKEN" http://localhost/reload'
            """
    )

    @OptionGroup var job: JobOptions
    @OptionGroup var command: CommandOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "What /bin/sh shall run.")
    var line: String

    func run() async throws {
        var parameters = try command.parameters()
        parameters.set("command", .string(line))
        let request = job.request("command.shell", parameters.json)
        var submission = Submission(job: job, waiting: waiting, output: output, connection: connection)
        submission.largest = command.stdin == nil ? nil : "--stdin"
        try await submission.run { _ in request }
    }
}
