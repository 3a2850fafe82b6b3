// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Policy

/// `broker-agent policy`: what may run on this host.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Checks and tries the file that says what may run on this host.",
        subcommands: [Check.self, Test.self]
    )

    /// Which file.
    struct FileArgument: ParsableArguments {
        @Argument(help: "The policy.")
        var file = AgentSettings.usualPolicyFile

        /// The policy in it.
        ///
        /// - Throws: ``Failure`` for all that would keep the agent from using it.
        func read() throws -> HostPolicy {
            do {
                return try PolicyFile.read(file)
            } catch {
                throw Failure("\(file): \(error)")
            }
        }
    }

    /// `broker-agent policy check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says whether the agent would use the file: its owner, its mode, and each line."
        )

        @OptionGroup var policy: FileArgument

        func run() async throws {
            let count = try policy.read().ruleCount
            print("\(policy.file): \(count) \(count == 1 ? "rule" : "rules")")
        }
    }

    /// `broker-agent policy test`.
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what becomes of a job, and by which line; ends with exit code 2 where it is refused."
        )

        @OptionGroup var policy: FileArgument

        @Option(help: "The operation, such as command.exec.")
        var operation: String

        @Option(help: ArgumentHelp("Who submits the job: the name of an API key.", valueName: "name"))
        var submitter: String?

        @Option(help: ArgumentHelp("The user as which it runs; the one who asks, if not given.", valueName: "name"))
        var user: String?

        func run() async throws {
            let request = PolicyRequest(
                operation: operation,
                user: user ?? PolicyFile.currentUser,
                submitter: submitter
            )
            switch try policy.read().decide(request) {
            case .allowed(let line): print("allowed" + (line.map { " by \($0)" } ?? ": nothing denies it"))
            case .refused(let reason):
                print("refused: \(reason)")
                throw ExitCode(2)
            }
        }
    }
}
