// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A built program that runs as a process of its own.
package final class Program: Sendable {
    /// What a program that has ended left behind.
    package typealias Result = ChildProcess.Result

    private let process: ChildProcess
    /// Its number.
    package var pid: pid_t { process.pid }

    /// The directory of the built programs: where the test runner itself is.
    package static let directory: URL = {
        let runner = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return runner.deletingLastPathComponent()
    }()

    /// Starts a program; what it says is added to the file `log`.
    ///
    /// - Parameters:
    ///   - name: the program.
    ///   - arguments: its arguments.
    ///   - prefix: the path of a program that becomes this one, and its arguments; so signals reach the right process.
    ///   - environment: what is added to its environment.
    ///   - log: the file.
    /// - Throws: ``DeploymentError`` where it cannot be started.
    package init(
        _ name: String,
        _ arguments: [String],
        within prefix: [String] = [],
        environment: [String: String] = [:],
        log: URL
    ) throws {
        let line = prefix + [Self.directory.appending(path: name).path] + arguments
        process = try ChildProcess(
            line[0],
            Array(line.dropFirst()),
            environment: Self.environment(environment),
            output: log.path
        )
    }

    /// Sends a signal.
    package func signal(_ number: Int32) {
        process.signal(number)
    }

    /// Whether it still runs.
    package var isRunning: Bool { process.isRunning }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or the number of the signal that ended it.
    @discardableResult
    package func ended() async throws -> Int32 {
        try await process.ended()
    }

    /// Ends it at once.
    package func killed() async throws {
        signal(SIGKILL)
        try await ended()
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - name: the program.
    ///   - arguments: its arguments.
    ///   - environment: what is added to its environment.
    ///   - directory: where what it writes is kept meanwhile.
    /// - Returns: how it ended and what it wrote.
    /// - Throws: ``DeploymentError`` where it cannot be started; `CancellationError`.
    package static func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in directory: URL
    ) async throws -> Result {
        try await ChildProcess.run(
            Self.directory.appending(path: name).path,
            arguments,
            environment: Self.environment(environment),
            in: directory
        )
    }

    private static func environment(_ more: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment.merging(more) { $1 }
    }
}
