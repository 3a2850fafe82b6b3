// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc

/// A process that was started as the leader of a session and group of its own, and our ends of its pipes.
///
/// Until ``reap()`` it stays known to the kernel, at last as a zombie, so that a signal to its group cannot reach
/// anybody else.
struct SpawnedProcess: ~Copyable {
    /// Its number, which is also that of its group.
    let pid: pid_t
    /// Readable when it has ended; no descriptor, -1, where the kernel has no such thing (before 5.3).
    var endSignal: FileDescriptor
    /// To its standard input; nil if it has none from us.
    var input: FileDescriptor?
    /// From its standard output; nil when that has ended.
    var output: FileDescriptor?
    /// From its standard error; nil when that has ended.
    var errorOutput: FileDescriptor?

    /// Starts a process.
    ///
    /// - Throws: ``SystemError`` with the reason in words, also for what fails in the child before the program runs.
    init(_ request: ProcessRequest) throws(SystemError) {
        let file = try ProgramLookup.file(of: request.arguments[0], path: request.environment["PATH"] ?? "")
        let output = try Pipe()
        let errorOutput = try Pipe()
        try output.reading.setNonblocking()
        try errorOutput.reading.setNonblocking()
        if request.input == nil {
            let input = try FileDescriptor.null()
            pid = try Self.spawn(file, request, input.number, output.writing.number, errorOutput.writing.number)
            self.input = nil
        } else {
            let input = try Pipe()
            try input.writing.setNonblocking()
            pid = try Self.spawn(
                file,
                request,
                input.reading.number,
                output.writing.number,
                errorOutput.writing.number
            )
            self.input = consume input.writing
        }
        self.output = consume output.reading
        self.errorOutput = consume errorOutput.reading
        endSignal = FileDescriptor(owning: broker_pidfd(pid))
    }

    private static func spawn(
        _ file: String,
        _ request: ProcessRequest,
        _ input: Int32,
        _ output: Int32,
        _ errorOutput: Int32
    ) throws(SystemError) -> pid_t {
        let environment = request.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let failure = withCStrings(request.arguments) { arguments in
            withCStrings(environment) { environment in
                file.withCString { file in
                    request.directory.withCString { directory in
                        var request = broker_spawn_request(
                            path: file,
                            arguments: arguments,
                            environment: environment,
                            directory: directory,
                            input: input,
                            output: output,
                            error: errorOutput
                        )
                        return broker_spawn(&request, &pid)
                    }
                }
            }
        }
        guard failure == 0 else {
            throw ProgramLookup.explain(failure, file: file, directory: request.directory)
        }
        return pid
    }

    /// Sends a signal to all members of the group.
    func signalGroup(_ signal: Int32) {
        killpg(pid, signal)
    }

    /// How the process ended; nil if it has not; does not wait.
    func end() -> ProcessResult.End? {
        var end = broker_process_end()
        guard broker_process_end(pid, 0, &end) == 0 else { return .unknown }
        guard end.ended != 0 else { return nil }
        return end.signal == 0 ? .exited(end.exit_code) : .signalled(end.signal)
    }

    /// Lets the kernel forget the process; waits until it has ended.
    func reap() {
        broker_process_reap(pid)
    }
}

/// Calls `body` with the texts as a C array with a null pointer at its end.
private func withCStrings<Value>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Value
) -> Value {
    let copies = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress) }
}
