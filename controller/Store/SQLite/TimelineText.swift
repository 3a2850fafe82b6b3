// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The sentences of the timeline.
enum TimelineText {
    /// The longest message of a line, in characters; the run has the whole text.
    private static let limit = 200

    /// The line that says that a job was committed.
    static func submitted(_ operation: String, agents: Int) -> String {
        "\(operation) for \(agents) \(agents == 1 ? "agent" : "agents")"
    }

    /// The line for a step of a run; nil where the event says all there is.
    ///
    /// - Parameters:
    ///   - step: the line's event.
    ///   - event: what happened to the run.
    ///   - old: the run before the move.
    ///   - new: the run after it.
    /// - Returns: a sentence without its full stop.
    static func message(
        for step: TimelineEvent.Kind,
        _ event: RunEvent,
        from old: Run,
        to new: Run
    ) -> String? {
        if step == .retrying { return "attempt \(new.attempt - 1) failed; attempt \(new.attempt) follows" }
        if step == .started, new.attempt > 1 { return "attempt \(new.attempt)" }
        if case .goingDown(let bootID, _) = event, step == .goingDown { return "to start again; boot id \(bootID)" }
        guard step == TimelineEvent.Kind(new.state), new.state.isTerminal else { return nil }
        var parts: [String] = []
        if let error = new.error {
            parts.append(firstLine(error.message))
        } else if let code = new.data?["exit_code"]?.int {
            parts.append("exit code \(code)")
        }
        if new.changed == true { parts.append("changed") }
        if old.state == .lost { parts.append("told after it had been given up as lost") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// The line for an order that an agent does not follow.
    static func refused(_ kind: OrderKind, _ error: RunError) -> String {
        let what = kind == .cancel ? "the order to cancel" : "the go-ahead"
        return "\(what): \(firstLine(error.message))"
    }

    private static func firstLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }
}

extension RunEvent {
    /// Why an attempt failed that another one follows, for the line that says so.
    func errorOfAttempt(_ step: TimelineEvent.Kind) -> RunError? {
        guard step == .retrying, case .retrying(let outcome) = self else { return nil }
        return outcome.error
    }
}
