// SPDX-License-Identifier: Apache-2.0

import CSpawn
import Dispatch
package import Foundation
import Synchronization

/// A process that a test started; the one place where tests start any.
///
/// Foundation's `Process` is not used: it lists the open files of the test process to close them in the child, and reads
/// past the end of that list where other tests open files meanwhile. Here the child closes what is not its own, and opens
/// its own input and output, so that nothing of it ever belongs to the test process.
package final class ChildProcess: Sendable {
    /// What a process that has ended left behind.
    package struct Result: Sendable {
        /// Its exit code, or the number of the signal that ended it.
        package let status: Int32
        /// What it wrote to its standard output.
        package let output: String
        /// What it wrote to its standard error.
        package let errors: String
    }

    /// Its number.
    package let pid: pid_t
    /// Nil as long as it runs.
    private let status = Mutex<Int32?>(nil)
    /// Is left when it has ended.
    private let end = DispatchGroup()

    /// Starts a process, with all signals as the system has them, in a process group of its own.
    ///
    /// - Parameters:
    ///   - file: the path of the program.
    ///   - arguments: its arguments.
    ///   - environment: its environment.
    ///   - input: the path of its standard input.
    ///   - output: the path of the file to whose end it writes; made where there is none.
    ///   - errors: the same for its standard error; nil for the same file.
    /// - Throws: ``DeploymentError`` where it cannot be started.
    package init(
        _ file: String,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        input: String = "/dev/null",
        output: String,
        errors: String? = nil
    ) throws {
        pid = try Self.spawn(file, arguments, environment: environment, input: input, output: output, errors: errors)
        end.enter()
        Thread.detachNewThread { self.reap() }
    }

    /// Whether it still runs.
    package var isRunning: Bool { status.withLock { $0 == nil } }

    /// Sends a signal; without effect where it has ended, whoever has its number by then.
    package func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { kill(pid, number) }
        }
    }

    /// Waits for its end.
    ///
    /// - Returns: its exit code, or the number of the signal that ended it.
    /// - Throws: `CancellationError`.
    @discardableResult
    package func ended() async throws -> Int32 {
        let (ends, continuation) = AsyncStream.makeStream(of: Never.self)
        end.notify(queue: .global()) { continuation.finish() }
        for await _ in ends {}
        guard let status = status.withLock({ $0 }) else { throw CancellationError() }
        return status
    }

    /// Waits until it has ended, as ``ended()`` does, and blocks the thread.
    package func waitUntilEnded() -> Int32 {
        end.wait()
        return status.withLock { $0 } ?? -1
    }

    // MARK: To its end

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - file: the path of the program.
    ///   - arguments: its arguments.
    ///   - environment: its environment.
    ///   - input: what it reads at its standard input.
    ///   - directory: where what it reads and writes is kept meanwhile.
    /// - Returns: how it ended and what it wrote.
    /// - Throws: ``DeploymentError`` where it cannot be started; `CancellationError`.
    package static func run(
        _ file: String,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        input: Data = Data(),
        in directory: URL = FileManager.default.temporaryDirectory
    ) async throws -> Result {
        let files = try CapturedStreams(in: directory, input: input)
        defer { files.remove() }
        return try files.result(await start(file, arguments, environment, files).ended())
    }

    /// Runs a program to its end, as ``run(_:_:environment:input:in:)`` does, and blocks the thread.
    package static func runBlocking(_ file: String, _ arguments: [String]) throws -> Result {
        let files = try CapturedStreams(in: FileManager.default.temporaryDirectory)
        defer { files.remove() }
        let environment = ProcessInfo.processInfo.environment
        return try files.result(start(file, arguments, environment, files).waitUntilEnded())
    }

    private static func start(
        _ file: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ files: CapturedStreams
    ) throws -> ChildProcess {
        try ChildProcess(
            file,
            arguments,
            environment: environment,
            input: files.input,
            output: files.output,
            errors: files.errors
        )
    }

    // MARK: Its life

    private func reap() {
        var info = siginfo_t()
        // Its number stays its own until it is known here that it has ended.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        status.withLock { status in
            var ended: Int32 = 0
            while waitpid(pid, &ended, 0) < 0, errno == EINTR {}
            let signal = ended & 0x7F
            status = signal == 0 ? (ended >> 8) & 0xFF : signal
        }
        end.leave()
    }

    private static func spawn(
        _ file: String,
        _ arguments: [String],
        environment: [String: String],
        input: String,
        output: String,
        errors: String?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, appending, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, appending, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        broker_spawn_closing_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let texts = ([file] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in texts + variables { free(text) } }
        let failure = posix_spawn(&pid, file, &actions, &attributes, texts, variables)
        guard failure == 0 else {
            throw DeploymentError("\(file) cannot be started: \(String(cString: strerror(failure)))")
        }
        return pid
    }
}

/// Files that take what a process writes.
private struct CapturedStreams {
    private let directory: URL

    var input: String { directory.appending(path: "in").path }
    var output: String { directory.appending(path: "out").path }
    var errors: String { directory.appending(path: "err").path }

    init(in parent: URL, input data: Data = Data()) throws {
        directory = parent.appending(path: "broker-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try data.write(to: URL(filePath: input))
    }

    func result(_ status: Int32) throws -> ChildProcess.Result {
        ChildProcess.Result(status: status, output: try text(of: output), errors: try text(of: errors))
    }

    private func text(of file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    }

    func remove() {
        try? FileManager.default.removeItem(at: directory)
    }
}
