// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker run`: any operation of the catalogue.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an operation of the catalogue on hosts.",
        usage: "broker run <operation> --target <expression> [<options>]",
        discussion: """
            Parameters come from --data as JSON, and from --param one by one, which has the last word. A --param is \
            text, unless the operation's schema wants a number, a boolean, a list or an object there: then it is \
            read as JSON.

            EXAMPLES
              broker run host.facts --target web-1
              broker run command.exec --target web-1 --data '{"argv": ["uptime"]}' --param timeout=5
            """
    )

    @Argument(help: "The operation, as 'broker operations list' names it.")
    var operation: String

    @OptionGroup var job: JobOptions

    @Option(help: ArgumentHelp("The parameters as a JSON object, or @file, or @- for stdin.", valueName: "json"))
    var data: String?

    @Option(help: ArgumentHelp("A parameter; may be given again.", valueName: "name=value"))
    var param: [String] = []

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let parameters = try given()
        var submission = Submission(job: job, waiting: waiting, output: output, connection: connection)
        submission.largest = data == nil ? "--param" : "--data"
        try await submission.run { client in
            var parameters = parameters
            if !param.isEmpty {
                // An operation that is not known is the controller's to refuse, which can say what there is.
                let schema = try await client.operations().first { $0.type == operation }?.schema
                for pair in param { try parameters.add(pair, schema: schema) }
            }
            return job.request(operation, parameters.json)
        }
    }

    private func given() throws(UsageError) -> OperationParameters {
        guard let data else { return OperationParameters() }
        guard data.hasPrefix("@") else { return try OperationParameters(json: data) }
        return try OperationParameters(json: try InputFile.text(at: String(data.dropFirst()), option: "--data"))
    }
}
