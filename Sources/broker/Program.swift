// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Glibc

/// Runs the command that was typed and turns whatever happens into an exit code.
@main
enum Program {
    static func main() async {
        Console.holdClosedStreams()
        var name = "broker"
        do {
            let given = try programArguments(rawArguments())
            let arguments = Broker.tree.withOptionsBehind(given, common: Broker.commonOptions)
            name = try Broker.tree.command(in: arguments)
            var command = try Broker.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(tell(error, command: name).rawValue)
        }
    }

    /// The bytes of the arguments, without the name of the program.
    private static func rawArguments() -> [[UInt8]] {
        let count = Int(Swift.CommandLine.argc)
        return UnsafeBufferPointer(start: Swift.CommandLine.unsafeArgv, count: count).dropFirst().map { argument in
            guard let argument else { return [] }
            return UnsafeRawBufferPointer(start: argument, count: strlen(argument)).map(\.self)
        }
    }

    /// Says on stderr what went wrong, if that has not been done.
    private static func tell(_ error: any Error, command: String) -> ProgramExit {
        let console = Console()
        switch error {
        case let ending as Ending:
            return ending.status
        case let error as UsageError:
            console.say("broker: \(error)")
            return .usage
        case let error as BrokerClientError:
            console.say("broker: \(ErrorReport(error))")
            return ProgramExit(error)
        case is CancellationError:
            return .interrupted
        default:
            return tell(parser: error, command: command, console)
        }
    }

    private static func tell(parser error: any Error, command: String, _ console: Console) -> ProgramExit {
        switch Broker.exitCode(for: error) {
        case .success:
            // Help, version and completion scripts arrive here, and they are what was asked for.
            let message = Broker.fullMessage(for: error)
            console.write(message.hasSuffix("\n") ? message : message + "\n")
            return .success
        case .validationFailure:
            console.say("broker: \(oneLine(Broker.message(for: error))) (see \(command) --help)")
            return .usage
        default:
            console.say("broker: \(error)")
            return .unexpected
        }
    }
}

/// A message of the parser in one line, in which long lists of choices have a line for each.
private func oneLine(_ message: String) -> String {
    let parts = message.split(separator: "\n  - ")
    let choices = parts.dropFirst().joined(separator: ", ")
    return SafeText.line.made(of: parts.prefix(1).joined() + (choices.isEmpty ? "" : " " + choices))
}

/// The command is done, everything is said, and this is the exit code.
struct Ending: Error {
    let status: ProgramExit
}
