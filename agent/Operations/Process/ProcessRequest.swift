// SPDX-License-Identifier: Apache-2.0

/// A process to run, and its limits.
struct ProcessRequest: Sendable {
    /// The program, a path or a name to look up in the PATH of `environment`, and its arguments; not empty.
    var arguments: [String]
    /// The whole environment of the process.
    var environment: [String: String]
    /// The directory that it starts in.
    var directory: String
    /// What it finds at its standard input; nil for nothing.
    var input: [UInt8]?
    /// How many bytes of each output are kept.
    var outputLimit: Int
    /// How long it may run.
    var timeout: Duration
    /// How long it may take to end after SIGTERM.
    var grace: Duration
    /// How long output is read after its end, while others keep it open.
    var drain: Duration
    /// Where it may get a control group of its own; nil for none.
    var groups: ControlGroups?
    /// Where outputs are kept of which there are more bytes; nil for nowhere.
    var outputs: RunOutputs?
    /// Where outputs are shown as they are written; nil for nowhere.
    var live: LiveOutput?
}

/// How a process ended, and what it wrote.
struct ProcessResult: Sendable {
    /// How a process can end.
    enum End: Hashable, Sendable {
        /// It exited with a code.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
        /// Not known: it hangs in the kernel where SIGKILL does not reach it, it was left running, or somebody has
        /// killed its supervisor.
        case unknown
    }

    /// How it ended.
    var end: End
    /// Why it was ended; nil if it ended by itself.
    var ending: ProcessStateMachine.Ending?
    /// What had to be sent to end it.
    var stop: ProcessStateMachine.Stop?
    /// Who asked for its end.
    var requestedBy: String?
    /// Whether some of its processes were left after SIGKILL.
    var isIncomplete = false
    /// From its start to the end of its output.
    var duration: Duration
    /// What it wrote to its standard output.
    var output: CapturedOutput
    /// What it wrote to its standard error.
    var errorOutput: CapturedOutput
}
