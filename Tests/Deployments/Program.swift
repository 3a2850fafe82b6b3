// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Synchronization

/// A built program that runs as a process of its own.
package final class Program: Sendable {
    /// What a program that has ended left behind.
    package struct Result: Sendable {
        /// Its exit code, or the number of the signal that ended it.
        package let status: Int32
        /// What it wrote to its standard output.
        package let output: String
        /// What it wrote to its standard error.
        package let errors: String
    }

    private let process: Mutex<Process>
    private let errorFile: URL
    /// Its number.
    package let pid: pid_t

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
    /// - Throws: where it cannot be started.
    package init(
        _ name: String,
        _ arguments: [String],
        within prefix: [String] = [],
        environment: [String: String] = [:],
        log: URL
    ) throws {
        let process = Process()
        let program = Self.directory.appending(path: name)
        process.executableURL = prefix.first.map { URL(filePath: $0) } ?? program
        process.arguments = prefix.isEmpty ? arguments : prefix.dropFirst() + [program.path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        pid = process.processIdentifier
        errorFile = log
        self.process = Mutex(process)
    }

    /// Sends a signal.
    package func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Whether it still runs.
    package var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or the number of the signal that ended it.
    @discardableResult
    package func ended() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return process.withLock { $0.terminationStatus }
    }

    /// Ends it at once.
    package func killed() async throws {
        signal(SIGKILL)
        try await ended()
    }

    /// Runs a program to its end.
    package static func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in directory: URL
    ) async throws -> Result {
        let id = UUID().uuidString
        let output = directory.appending(path: "\(id).out")
        let errors = directory.appending(path: "\(id).err")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = Self.directory.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return Result(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        )
    }
}
