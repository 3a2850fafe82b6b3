// SPDX-License-Identifier: Apache-2.0

/// The parameters of an operation are off its rules.
public struct InvalidParameters: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with places below the parameters.
    public let faults: [Fault]

    /// All faults in one line, for the error of a run.
    public var description: String {
        faults.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
    }
}

/// The parameters of `command.exec`, `command.shell` and `script.run`, checked and with the defaults filled in.
public struct CommandParameters: Hashable, Sendable {
    /// Which of the operations the parameters are for.
    public enum Form: String, Sendable, CaseIterable, Hashable {
        /// A program with its arguments.
        case exec = "command.exec"
        /// A line for the shell.
        case shell = "command.shell"
        /// A script for an interpreter.
        case script = "script.run"
    }

    /// The most bytes of one argument, or of one `NAME=value`: what Linux takes, less the NUL at its end.
    public static let maximumArgumentBytes = 131_071
    /// The most bytes of `stdin`, and of a script.
    public static let maximumInputBytes = 1_048_576
    /// The most bytes of each of stdout and stderr that can be kept.
    public static let maximumOutputLimit = 1_048_576
    /// What a run may take if the parameters do not say.
    public static let defaultTimeout = Duration.seconds(300)
    /// How many bytes of each of stdout and stderr are kept if the parameters do not say.
    public static let defaultOutputLimit = 65_536

    /// What runs a script if the parameters do not say.
    public static let defaultInterpreter = "/bin/sh"

    /// The program and its arguments, never empty; for `command.shell` that is `/bin/sh -c COMMAND`, for `script.run` the
    /// interpreter and the arguments of the script.
    public private(set) var argv: [String]
    /// The script of `script.run`; nil for the others.
    public let body: String?
    /// The directory to run in; nil for the agent's own choice.
    public let cwd: String?
    /// Variables on top of the agent's base environment.
    public let env: [String: String]
    /// Variables whose values are secrets, on top of those.
    public let secretEnv: [String: String]
    /// What the program finds at its standard input; nil for nothing.
    public let stdin: String?
    /// How long the program may run.
    public let timeout: Duration
    /// The exit codes that mean success.
    public let okExitCodes: Set<Int32>
    /// A path: if it exists, the program is not run.
    public let creates: String?
    /// A path: if it does not exist, the program is not run.
    public let removes: String?
    /// How many bytes of each of stdout and stderr are kept.
    public let outputLimit: Int

    /// Reads the parameters of an operation.
    ///
    /// - Parameters:
    ///   - data: the parameters as they were sent.
    ///   - form: the operation that they are for.
    /// - Throws: ``InvalidParameters`` with every fault, up to ``JSONSchema/maximumFaults``.
    public init(validating data: JSONValue, for form: Form) throws(InvalidParameters) {
        let operation: CatalogueOperation =
            switch form {
            case .exec: .commandExec
            case .shell: .commandShell
            case .script: .scriptRun
            }
        let faults = operation.faults(in: data, at: "")
        guard faults.isEmpty else { throw InvalidParameters(faults: faults) }
        argv =
            switch form {
            case .exec: Self.texts(data["argv"])
            case .shell: ["/bin/sh", "-c", data["command"]?.string ?? ""]
            case .script: [data["interpreter"]?.string ?? Self.defaultInterpreter] + Self.texts(data["arguments"])
            }
        body = form == .script ? data["body"]?.string : nil
        cwd = data["cwd"]?.string
        env = data["env"]?.object?.compactMapValues(\.string) ?? [:]
        secretEnv = data["secret_env"]?.object?.compactMapValues(\.string) ?? [:]
        stdin = data["stdin"]?.string
        timeout = Self.runLimit(data)
        let codes = data["ok_exit_codes"]?.array?.compactMap(\.number).compactMap(Int32.init(exactly:))
        okExitCodes = Set(codes ?? [0])
        creates = data["creates"]?.string
        removes = data["removes"]?.string
        outputLimit = data["output_limit"]?.number.flatMap(Int.init(exactly:)) ?? Self.defaultOutputLimit
    }

    private static func texts(_ list: JSONValue?) -> [String] {
        list?.array?.compactMap(\.string) ?? []
    }

    /// The same command with a file between the interpreter and the arguments of the script.
    public func running(file: String) -> CommandParameters {
        var command = self
        command.argv.insert(file, at: 1)
        return command
    }

    /// The limit of a run; bounded whatever the parameters say, since it is also asked of unchecked ones.
    static func runLimit(_ data: JSONValue) -> Duration {
        guard let seconds = data["timeout"]?.number, seconds > 0 else { return defaultTimeout }
        return .seconds(min(seconds, maximumTimeoutSeconds))
    }
}
