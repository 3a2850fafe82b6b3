// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Jobs
import Logging
import Operations

/// `broker-agent operation`: what the agent can do, tried on this host without a controller.
struct OperationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation",
        abstract: "Runs an operation on this host, without a controller.",
        subcommands: [Run.self, List.self]
    )

    /// `broker-agent operation run`.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs an operation here and prints its outcome as JSON.",
            discussion: """
                For trying an operation or a plug-in before a job uses it. The agent need not run, its policy is not asked, \
                and nothing is recorded. Ends with exit code 1 unless the outcome is completed or skipped.
                """
        )

        @Argument(help: "The operation, such as host.facts.")
        var operation: String

        @Option(help: ArgumentHelp("The parameters as a JSON object, or @- for stdin.", valueName: "json"))
        var data = "{}"

        @Flag(help: "Touch nothing, and tell what would be.")
        var dryRun = false

        @OptionGroup var plugins: PluginOptions

        @Option(
            name: .customLong("label"),
            help: ArgumentHelp("A label of this host, for references; may be given again.", valueName: "name=value")
        )
        var labels: [String] = []

        func run() async throws {
            let request = OperationRequest(type: operation, data: try parameters())
            var context = OperationContext(logger: OperationCommand.logger)
            context.labels = try AgentSettings.labels(labels)
            context.isDryRun = dryRun
            let outcome = try await plugins.operations().run(request, in: context)
            print(String(decoding: try JSON.encode(outcome.told, pretty: true), as: UTF8.self))
            guard outcome.state == .completed || outcome.state == .skipped else { throw ExitCode(1) }
        }

        private func parameters() throws -> JSONValue {
            let bytes = data == "@-" ? Self.standardInput() : Array(data.utf8)
            do {
                return try JSON.decode(JSONValue.self, from: bytes)
            } catch {
                throw Failure("--data: \(error)")
            }
        }

        private static func standardInput() -> [UInt8] {
            var text = ""
            while let line = readLine(strippingNewline: false) { text += line }
            return Array(text.utf8)
        }
    }

    /// `broker-agent operation list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Names the operations that this agent has.")

        @OptionGroup var plugins: PluginOptions

        @Flag(help: "Print all that there is to know of them, as JSON.")
        var json = false

        func run() async throws {
            let descriptors = await plugins.operations().catalogue.descriptors
            if json {
                print(String(decoding: try JSON.encode(descriptors, pretty: true), as: UTF8.self))
            } else {
                for descriptor in descriptors { print(descriptor.type) }
            }
        }
    }

    /// Where the plug-ins are.
    struct PluginOptions: ParsableArguments {
        @Option(name: .customLong("plugins"), help: ArgumentHelp("The directory of plug-ins.", valueName: "path"))
        var directory = AgentSettings.usualPluginDirectory

        /// What the agent would have.
        func operations() async -> OperationSet {
            let plugins = PluginDirectory(path: directory, context: OperationContext(logger: OperationCommand.logger))
            await plugins.refresh()
            return OperationSet.builtIn.adding(plugins)
        }
    }

    /// Tells what goes wrong on standard error.
    private static var logger: Logger {
        var logger = Logger(label: "broker-agent", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .warning
        return logger
    }
}

extension RunOutcome {
    /// The outcome as the record of a job has it.
    fileprivate var told: JSONValue {
        var members: [String: JSONValue] = ["status": .string(state.rawValue), "data": data ?? .null]
        members["changed"] = changed.map(JSONValue.bool) ?? .null
        members["error"] = error.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null
        return .object(members)
    }
}
