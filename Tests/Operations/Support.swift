// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Testing

@testable import Operations

/// What a test gives to an operation; short waits, so that a ladder of signals ends soon.
func testContext(grace: Duration = .seconds(20), drain: Duration = .seconds(1)) -> OperationContext {
    var context = OperationContext(logger: Logger(label: "test"), grace: grace, drain: drain)
    context.logger.logLevel = .critical
    return context
}

/// Runs a line of shell with the parameters of `command.shell` on top.
func shell(
    _ command: String,
    _ parameters: [String: JSONValue] = [:],
    in context: OperationContext = testContext()
) async throws -> RunOutcome {
    var data = parameters
    data["command"] = .string(command)
    return try await OperationSet.builtIn.run(OperationRequest(type: "command.shell", data: .object(data)), in: context)
}

/// Runs a program with the parameters of `command.exec` on top.
func exec(
    _ arguments: [String],
    _ parameters: [String: JSONValue] = [:],
    in context: OperationContext = testContext()
) async throws -> RunOutcome {
    var data = parameters
    data["argv"] = .array(arguments.map(JSONValue.string))
    return try await OperationSet.builtIn.run(OperationRequest(type: "command.exec", data: .object(data)), in: context)
}

/// Calls `body` with the path of a new directory that is gone afterwards.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("broker-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: path) }
    return try await body(path.path)
}

/// Waits until a file has something in it and answers that.
func contents(of path: String) async throws -> String {
    for _ in 0..<3000 {
        if let text = try? String(contentsOfFile: path, encoding: .utf8), !text.isEmpty { return text }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("nothing was written to \(path)")
    return ""
}

/// Whether a process is there and no zombie.
func isAlive(_ pid: Int32) -> Bool {
    guard let stat = HostFile.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return false }
    return !stat[end...].hasPrefix(") Z") && !stat[end...].hasPrefix(") X")
}

extension RunOutcome {
    /// A member of the data that is text.
    func text(_ name: String) -> String? { data?[name]?.string }
    /// A member of the data that is a whole number.
    func number(_ name: String) -> Int64? { data?[name]?.int }
}
