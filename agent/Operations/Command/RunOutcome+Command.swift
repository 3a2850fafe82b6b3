// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RunOutcome {
    /// What the end of a command's process means for its run.
    ///
    /// A command that ended well counts as a change, since what it did is not known; one that did not leaves it open.
    init(_ result: ProcessResult, of command: CommandParameters) {
        let data = result.data
        switch result.ending {
        case .timedOut:
            let limit = "ran past its limit of \(command.timeout.text)"
            let message = result.stop == nil ? limit : "\(limit) and was ended\(result.suffix)"
            self.init(state: .timedOut, error: RunError(code: "timed_out", message: message), data: data)
            return
        case .cancelled:
            let request = result.requestedBy.map { "ended on request of \($0)" } ?? "ended on request"
            let error = RunError(code: "cancelled", message: request + result.suffix)
            self.init(state: .cancelled, error: error, data: data)
            return
        case .left:
            let message = "left running when the agent was stopped; how it ends will not be known"
            self.init(state: .failed, error: RunError(code: "interrupted", message: message), data: data)
            return
        case nil: break
        }
        switch result.end {
        case .exited(let code) where command.okExitCodes.contains(code):
            self.init(state: .completed, changed: true, data: data)
        case .exited(let code):
            let message = result.withLastLine("exit code \(code)")
            self.init(state: .failed, error: RunError(code: "non_zero_exit", message: message), data: data)
        case .signalled(let signal):
            let message = result.withLastLine("ended by the signal \(signalName(signal) ?? String(signal))")
            self.init(state: .failed, error: RunError(code: "killed_by_signal", message: message), data: data)
        case .unknown:
            let error = RunError(code: "internal_error", message: "it is not known how the process ended")
            self.init(state: .failed, error: error, data: data)
        }
    }
}

extension ProcessResult {
    /// The data of the run.
    fileprivate var data: JSONValue {
        var members: [String: JSONValue] = ["duration_ms": .int(duration.wholeMilliseconds)]
        members["exit_code"] = .null
        members["signal"] = .null
        switch end {
        case .exited(let code): members["exit_code"] = .int(Int64(code))
        case .signalled(let signal):
            members["signal"] = .int(Int64(signal))
            members["signal_name"] = signalName(signal).map(JSONValue.string)
        case .unknown: break
        }
        members["stopped_by"] = (stop?.signal).flatMap(signalName).map(JSONValue.string)
        members.merge(output.members(named: "stdout")) { $1 }
        members.merge(errorOutput.members(named: "stderr")) { $1 }
        return .object(members)
    }

    /// What to add to the message of a run that was ended.
    fileprivate var suffix: String {
        let means = stop.map { " by \($0.text)" } ?? ""
        if end == .unknown { return "\(means), but it hangs in the kernel and could not be killed" }
        return isIncomplete ? "\(means), but not all of its processes could be killed" : means
    }

    fileprivate func withLastLine(_ message: String) -> String {
        errorOutput.lastLine.map { "\(message): \($0)" } ?? message
    }
}

extension ProcessStateMachine.Stop {
    /// The last signal that was sent.
    fileprivate var signal: Int32 {
        switch self {
        case .terminated: SIGTERM
        case .killed: SIGKILL
        }
    }

    /// The signals in words.
    fileprivate var text: String {
        switch self {
        case .terminated: "SIGTERM"
        case .killed(nil): "SIGKILL"
        case .killed(let time?): "SIGKILL, \(time.text) after SIGTERM"
        }
    }
}

extension Duration {
    /// The duration in seconds, with milliseconds where there are any: `5 s`, `0.25 s`.
    fileprivate var text: String {
        let milliseconds = wholeMilliseconds
        if milliseconds % 1000 == 0 { return "\(milliseconds / 1000) s" }
        return "\(Double(milliseconds) / 1000) s"
    }
}
