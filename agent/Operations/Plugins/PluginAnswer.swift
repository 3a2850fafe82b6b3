// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a plug-in wrote, read: lines of progress, and the answer.
struct PluginAnswer {
    /// The most lines of progress that a run tells: the last ones.
    static let maximumProgress = 100

    /// How the run ended.
    let outcome: RunOutcome

    /// Reads what a plug-in wrote.
    ///
    /// - Parameters:
    ///   - result: how it ended.
    ///   - kind: whether it may change anything.
    init(_ result: ToolResult, kind: OperationKind) {
        var progress: [JSONValue] = []
        var answer: JSONValue?
        for line in result.lines {
            guard let value = try? JSON.decode(JSONValue.self, from: line.utf8), value.object != nil else {
                outcome = Self.failed("plugin_invalid", "it wrote a line that is no JSON object: \(line.prefix(200))")
                return
            }
            if let text = value["progress"] { progress.append(text) } else { answer = value }
        }
        guard let answer else {
            let said = result.complaint.isEmpty ? "" : ": \(result.complaint)"
            outcome = Self.failed("plugin_failed", "it ended with exit code \(result.exitCode) and no answer\(said)")
            return
        }
        outcome = Self.outcome(answer, progress.suffix(Self.maximumProgress), result, kind)
    }

    private static func outcome(
        _ answer: JSONValue,
        _ progress: ArraySlice<JSONValue>,
        _ result: ToolResult,
        _ kind: OperationKind
    ) -> RunOutcome {
        let known: Set = ["changed", "data", "error", "skipped"]
        if let name = answer.object?.keys.sorted().first(where: { !known.contains($0) }) {
            return failed("plugin_invalid", "its answer has the unknown member '\(name)'")
        }
        var data = answer["data"]
        if !progress.isEmpty {
            var members = data?.object ?? [:]
            members["progress"] = .array(Array(progress))
            data = .object(members)
        }
        let changed = kind == .read ? false : answer["changed"]?.bool
        if let reason = answer["skipped"]?.string {
            let error = RunError(code: "not_applicable", message: reason)
            return RunOutcome(state: .skipped, changed: false, error: error, data: data)
        }
        if let error = answer["error"], error != .null {
            let code = error["code"]?.string ?? "plugin_failed"
            let message = error["message"]?.string ?? error.string ?? "it gave no reason"
            return RunOutcome(
                state: .failed,
                changed: changed,
                error: RunError(code: String(code.prefix(64)), message: String(message.prefix(1000))),
                data: data
            )
        }
        guard result.exitCode == 0 else {
            let message = "it ended with exit code \(result.exitCode): \(result.complaint)"
            let error = RunError(code: "plugin_failed", message: message)
            return RunOutcome(state: .failed, changed: changed, error: error, data: data)
        }
        return RunOutcome(state: .completed, changed: changed, data: data)
    }

    private static func failed(_ code: String, _ message: String) -> RunOutcome {
        RunOutcome(state: .failed, error: RunError(code: code, message: message))
    }
}
