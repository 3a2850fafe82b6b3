// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import FoundationEssentials
import Jobs

/// What `exec` and `shell` have in common: how the command runs on each host.
struct CommandOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long the command may run on a host: 30s, 10m, 2h.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var timeout: TimeSpan?

    @Option(help: ArgumentHelp("The directory to run in.", valueName: "path"))
    var cwd: String?

    @Option(help: ArgumentHelp("A variable for the command; may be given again.", valueName: "name=value"))
    var env: [String] = []

    @Option(
        help: ArgumentHelp(
            "A variable whose value is a secret: that of this one's own variable of the name; may be given again.",
            valueName: "name"
        )
    )
    var secretEnv: [String] = []

    @Option(
        help: ArgumentHelp("A file for the command's standard input, - for this one's.", valueName: "file"),
        completion: .file()
    )
    var stdin: String?

    @Option(help: ArgumentHelp("The exit codes that mean success: 0,2,10-12.", valueName: "codes"))
    var okExitCodes: String?

    @Option(help: ArgumentHelp("Run nothing where this path exists.", valueName: "path"))
    var creates: String?

    @Option(help: ArgumentHelp("Run nothing where this path does not exist.", valueName: "path"))
    var removes: String?

    /// The parameters of the operation, less the command itself.
    ///
    /// - Throws: ``UsageError``.
    func parameters() throws(UsageError) -> OperationParameters {
        var parameters = OperationParameters()
        parameters.set("timeout", timeout.map { $0.whole.map(JSONValue.int) ?? .double($0.seconds) })
        parameters.set("cwd", cwd.map(JSONValue.string))
        parameters.set("creates", creates.map(JSONValue.string))
        parameters.set("removes", removes.map(JSONValue.string))
        if !env.isEmpty {
            var variables: [String: JSONValue] = [:]
            for pair in env {
                let (name, value) = try nameAndValue(pair, option: "--env")
                variables[name] = .string(value)
            }
            parameters.set("env", .object(variables))
        }
        if !secretEnv.isEmpty {
            var variables: [String: JSONValue] = [:]
            for name in secretEnv {
                // Not on the command line, which everybody on this machine can see.
                guard let value = ProcessInfo.processInfo.environment[name] else {
                    throw UsageError("--secret-env \(name): there is no such variable in the environment")
                }
                variables[name] = .string(value)
            }
            parameters.set("secret_env", .object(variables))
        }
        if let okExitCodes {
            parameters.set("ok_exit_codes", .array(try exitCodes(okExitCodes).map(JSONValue.int)))
        }
        if let stdin {
            parameters.set("stdin", .string(try InputFile.text(at: stdin, option: "--stdin")))
        }
        return parameters
    }
}
