// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import StubController

/// How a run of the program ended.
struct ProgramEnd: Sendable {
    let status: Int32
    let output: String
    let errors: String
    var requests: [StubRequest] = []
}

/// The program as it was built beside these tests.
struct Program: Sendable {
    let url: String
    var stub: StubController?

    /// The program's file.
    static func file() throws -> URL {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: executable).deletingLastPathComponent().appending(path: "broker")
    }

    func run(_ arguments: String...) async throws -> ProgramEnd {
        try await run(arguments)
    }

    /// Runs the program.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - shell: a shell to run in its place, with the program's path as the last argument; nil for none.
    ///   - interruptWhen: when to press Ctrl-C; nil for never.
    /// - Returns: how it ended, and what it wrote.
    /// - Throws: where it cannot be run at all.
    func run(
        _ arguments: [String],
        in shell: String? = nil,
        interruptWhen: (@Sendable (StubController) -> Bool)? = nil
    ) async throws -> ProgramEnd {
        let file = try Self.file().path
        let directory = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ["stdout", "stderr"].map { directory.appending(path: $0) }
        let process = try ChildProcess(
            shell ?? file,
            shell == nil ? arguments : arguments + [file],
            environment: ["BROKER_URL": url, "BROKER_API_KEY": "secret", "HOME": "/nowhere"],
            output: files[0].path,
            errors: files[1].path
        )
        if let interruptWhen, let stub {
            while process.isRunning, !interruptWhen(stub) { await Task.yield() }
            process.signal(SIGINT)
        }
        let status = try await process.ended()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return ProgramEnd(status: status, output: texts[0], errors: texts[1])
    }
}

/// Runs `body` against a controller that plays the life of a job whose runs end in these states.
func withFleet(
    _ states: [RunState],
    _ body: @Sendable (Program) async throws -> ProgramEnd
) async throws -> ProgramEnd {
    try await withStub(StubFleet(states).respond, body)
}

/// Runs `body` against a controller that answers as it is told, and brings what it was asked.
func withStub(
    _ respond: @escaping StubController.Respond,
    _ body: @Sendable (Program) async throws -> ProgramEnd
) async throws -> ProgramEnd {
    try await StubController.with(respond: respond) { stub in
        var end = try await body(Program(url: stub.url, stub: stub))
        end.requests = stub.requests
        return end
    }
}
