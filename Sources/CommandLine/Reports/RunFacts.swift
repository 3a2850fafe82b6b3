// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs

// What a line about a run says, read from the run and from the data of its operation.

extension Run {
    /// The exit code of its command.
    package var exitCode: Int64? { data?["exit_code"]?.int }

    /// How long it ran on its host, in milliseconds.
    package var tookMilliseconds: Int64? {
        if let told = data?["duration_ms"]?.number { return Int64(exactly: told.rounded()) }
        return durationMilliseconds.map(Int64.init)
    }

    /// Whether it is at its end and did not do well.
    package var isNotWell: Bool {
        state.isTerminal && state != .completed && state != .skipped
    }

    /// The first line of its error.
    package var errorLine: String? {
        error.map { $0.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? $0.code }
    }

    /// Why it ended well without running anything; nil where it ran.
    package var skippedBecause: String? { data?["skipped_because"]?.string }

    /// What its command wrote to `stream`, with bytes that are no text made visible, or a note where most are none.
    func output(_ stream: String) -> String? {
        guard let text = data?[stream]?.string, !text.isEmpty else { return nil }
        guard data?["\(stream)_encoding"]?.string == "base64" else { return text }
        if let bytes = Data(base64Encoded: text) {
            let shown = ByteText(bytes)
            if shown.isMostlyText { return shown.description }
        }
        let size = data?["\(stream)_bytes"]?.int.map { "\($0) bytes" } ?? "of unknown size"
        return "(binary, \(size); -o json has it in base64)\n"
    }

    /// The data of an operation that is no command, which has no stdout and no stderr; nil for one that is.
    var plainData: JSONValue? {
        guard let data, let members = data.object, !members.isEmpty else { return nil }
        let ofCommands: Set = ["stdout", "stderr", "exit_code", "skipped_because"]
        guard ofCommands.isDisjoint(with: members.keys) else { return nil }
        return data
    }

    /// The run with as much of its data as the user asked for.
    package func showing(_ choice: OutputChoice) -> Run {
        guard choice == .never || (choice == .failed && !isNotWell) else { return self }
        var run = self
        run.data = nil
        return run
    }

    /// The run with no more of its data than its line needs, to be kept while others are read.
    package var withoutOutput: Run {
        guard case .object(let members) = data else { return self }
        var run = self
        run.data = .object(members.filter { ["exit_code", "duration_ms", "skipped_because"].contains($0.key) })
        return run
    }
}

/// `yes`, `no`, or nothing where it is not known.
func yesOrNo(_ value: Bool?) -> String? {
    value.map { $0 ? "yes" : "no" }
}
