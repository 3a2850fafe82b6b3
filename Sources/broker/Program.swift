// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Glibc

/// Runs the command that was typed and turns whatever happens into an exit code.
@main
enum Program {
    static func main() async {
        do {
            var command = try Broker.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(tell(error).rawValue)
        }
    }

    /// Says on stderr what went wrong, if that has not been done.
    private static func tell(_ error: any Error) -> ProgramExit {
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
            return tell(parser: error, console)
        }
    }

    private static func tell(parser error: any Error, _ console: Console) -> ProgramExit {
        let message = Broker.fullMessage(for: error)
        switch Broker.exitCode(for: error) {
        case .success:
            // Help, version and completion scripts arrive here, and they are what was asked for.
            console.write(message.hasSuffix("\n") ? message : message + "\n")
            return .success
        case .validationFailure:
            console.say(message.hasPrefix("Error: ") ? "broker: " + message.dropFirst(7) : message)
            return .usage
        default:
            console.say("broker: \(error)")
            return .unexpected
        }
    }
}

/// The command is done, everything is said, and this is the exit code.
struct Ending: Error {
    let status: ProgramExit
}
