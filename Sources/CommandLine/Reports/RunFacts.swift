// SPDX-License-Identifier: Apache-2.0

package import Jobs

// What a line about a run says, read from the run and from the data of its operation.

extension Run {
    /// The exit code of its command.
    package var exitCode: Int64? { data?["exit_code"]?.int }

    /// How long it ran on its host, in milliseconds.
    package var durationMilliseconds: Int64? {
        if let told = data?["duration_ms"]?.number { return Int64(exactly: told.rounded()) }
        guard let startedAt, let finishedAt else { return nil }
        return (finishedAt - startedAt).wholeMilliseconds
    }

    /// Whether it is at its end and did not do well.
    package var isNotWell: Bool {
        state.isTerminal && state != .completed && state != .skipped
    }

    /// The first line of its error.
    package var errorLine: String? {
        error.map { $0.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? $0.code }
    }

    /// What its command wrote to `stream`, or a note where that is no text.
    func output(_ stream: String) -> String? {
        guard let text = data?[stream]?.string, !text.isEmpty else { return nil }
        guard data?["\(stream)_encoding"]?.string == "base64" else { return text }
        let size = data?["\(stream)_bytes"]?.int.map { "\($0) bytes" } ?? "not shown here"
        return "(binary, \(size))\n"
    }

    /// The run with as much of its data as the user asked for.
    package func showing(_ choice: OutputChoice) -> Run {
        guard choice == .never || (choice == .failed && !isNotWell) else { return self }
        var run = self
        run.data = nil
        return run
    }

    /// The run without what its command wrote, to be kept while others are read.
    package var withoutOutput: Run {
        guard case .object(var members) = data else { return self }
        for stream in ["stdout", "stderr"] {
            members[stream] = nil
        }
        var run = self
        run.data = .object(members)
        return run
    }
}

/// `yes`, `no`, or nothing where it is not known.
func yesOrNo(_ value: Bool?) -> String? {
    value.map { $0 ? "yes" : "no" }
}
