// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc

/// A program that was started below a supervisor of its own, and our ends of its pipes.
///
/// The supervisor stays between the agent and everything that the program starts: nothing of that leaves it, and until
/// ``reap()`` its number is given to nobody else.
struct SpawnedProcess: ~Copyable {
    /// The number of the program's process, which is also that of its group.
    let pid: pid_t
    /// The process that everything of the run descends from.
    let supervisor: pid_t
    /// To the supervisor: readable when there is something to hear; closing it ends the run.
    let control: FileDescriptor
    /// The directory of its control group; nil if it has none.
    let group: String?
    private let groups: ControlGroups?
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
        let run: broker_run
        let group: String?
        if request.input == nil {
            let input = try FileDescriptor.null()
            (run, group) = try Self.spawn(file, request, input: input, output, errorOutput)
            self.input = nil
        } else {
            let input = try Pipe()
            try input.writing.setNonblocking()
            (run, group) = try Self.spawn(file, request, input: input.reading, output, errorOutput)
            self.input = consume input.writing
        }
        self.output = consume output.reading
        self.errorOutput = consume errorOutput.reading
        self.group = group
        groups = request.groups
        pid = run.pid
        supervisor = run.supervisor
        control = FileDescriptor(owning: run.control)
    }

    private static func spawn(
        _ file: String,
        _ request: ProcessRequest,
        input: borrowing FileDescriptor,
        _ output: borrowing Pipe,
        _ errorOutput: borrowing Pipe
    ) throws(SystemError) -> (broker_run, group: String?) {
        let group = request.groups?.make()
        let groupFiles: (processes: Int32, kill: Int32) = group?.numbers ?? (-1, -1)
        let environment = request.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        // Borrowed, all of them: a descriptor whose owner is not used any more may be closed, and its number be another's.
        let (input, outputs, errorOutputs) = (input.number, output.numbers, errorOutput.numbers)
        var run = broker_run()
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
                            output: outputs.writing,
                            error: errorOutputs.writing,
                            output_reader: outputs.reading,
                            error_reader: errorOutputs.reading,
                            group_processes: groupFiles.processes,
                            group_kill: groupFiles.kill
                        )
                        // The group's files are open until here.
                        return withExtendedLifetime(group) { broker_spawn(&request, &run) }
                    }
                }
            }
        }
        let path = group?.path
        guard failure == 0 else {
            if let path { request.groups?.remove(path) }
            throw ProgramLookup.explain(failure, file: file, directory: request.directory)
        }
        return (run, path)
    }

    /// Sends SIGTERM to every living process of the run; answers to how many.
    func terminate() -> Int {
        guard let pids = ProcessTree.descendants(of: supervisor) else {
            // Without /proc at least those that did not leave the group.
            killpg(pid, SIGCONT)
            return killpg(pid, SIGTERM) == 0 ? 1 : 0
        }
        // Parents first: a shell shall hear of it before it sees its child end.
        let known = Set(pids)
        let all = pids + (group.map(RunGroup.members) ?? []).filter { !known.contains($0) }
        for pid in all {
            kill(pid, SIGTERM)
            // A stopped process can only act on the first signal when it is woken.
            kill(pid, SIGCONT)
        }
        return all.count
    }

    /// Tells the supervisor something.
    func order(_ order: broker_order) {
        broker_run_order(control.number, order)
    }

    /// What the supervisor tells.
    enum News: Hashable {
        /// The program has ended.
        case ended(ProcessResult.End)
        /// The supervisor has ended; no process of the run is left.
        case over
    }

    /// What the supervisor tells next; nil for nothing; does not wait.
    func news() -> News? {
        var event = broker_run_event()
        broker_run_next(control.number, &event)
        switch event.kind {
        case BROKER_RUN_PROGRAM_ENDED:
            return .ended(event.signal == 0 ? .exited(event.exit_code) : .signalled(event.signal))
        case BROKER_RUN_IS_OVER: return .over
        default: return nil
        }
    }

    /// Kills who is in the control group, for the case that somebody has killed the supervisor.
    func killGroup() {
        if let group { RunGroup.kill(group) }
    }

    /// Lets the kernel forget the supervisor; waits until it has ended.
    func reap() {
        broker_run_reap(supervisor)
        if let group { groups?.remove(group) }
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
