// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

/// A built program that runs as a process of its own.
final class Program: Sendable {
    /// What a program that has ended left behind.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    private let process: Mutex<Process>
    private let errorFile: URL
    let pid: pid_t

    /// The directory of the built programs: where the test runner itself is.
    static let directory: URL = {
        let runner = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return runner.deletingLastPathComponent()
    }()

    /// Starts a program; what it says is added to the file `log`.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:], log: URL) throws {
        let process = Process()
        process.executableURL = Self.directory.appending(path: name)
        process.arguments = arguments
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
    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Whether it still runs.
    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or the number of the signal that ended it.
    @discardableResult
    func ended() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return process.withLock { $0.terminationStatus }
    }

    /// Ends it at once.
    func killed() async throws {
        signal(SIGKILL)
        try await ended()
    }

    /// Runs a program to its end.
    static func run(
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
