// SPDX-License-Identifier: Apache-2.0

/// Why a job failed, wholly or in part: the commonest error of its runs.
public struct JobError: Decodable, Hashable, Sendable {
    /// The code of the error; of a run that told none, its state.
    public let code: String
    /// What one of the hosts told, in words.
    public let message: String
    /// How many hosts have an error of this code.
    public let agents: Int

    /// Makes a value of its parts.
    public init(code: String, message: String, agents: Int) {
        self.code = code
        self.message = message
        self.agents = agents
    }
}

extension JobError: JSONWritable {
    /// Writes all of it.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("agents", agents)
        json.member("code", code)
        json.member("message", message)
        json.endObject()
    }
}

extension Run {
    /// The error with which the run counts among those of its job; nil for one that is open or did well.
    public var countedError: RunError? {
        guard state.isTerminal, state != .completed, state != .skipped else { return nil }
        return error ?? RunError(code: state.rawValue, message: "the run ended as \(state.rawValue)")
    }
}
