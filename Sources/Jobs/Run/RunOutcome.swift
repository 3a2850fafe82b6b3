// SPDX-License-Identifier: Apache-2.0

/// Why a run did not end well: a code for programs and a sentence for people.
public struct RunError: Decodable, Hashable, Sendable {
    /// A stable name in `snake_case`, such as `non_zero_exit`, `timed_out` or `interrupted`.
    public let code: String
    /// What happened, in words.
    public let message: String

    /// Makes an error of its code and its message.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

extension RunError: JSONWritable {
    /// Writes both.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("code", code)
        json.member("message", message)
        json.endObject()
    }
}

/// How a run ended on its agent: what the agent's ledger stores and its report carries.
public struct RunOutcome: Hashable, Sendable {
    /// The terminal state.
    public let state: RunState
    /// Whether the host was changed; nil where that is not known.
    public let changed: Bool?
    /// Why it did not end well; nil if it did.
    public let error: RunError?
    /// What the operation has to tell: for a command exit code, output and duration.
    public let data: JSONValue?
    /// What stands for all of this, without what differs between hosts without meaning; nil where it was not told.
    public let digest: ResultDigest?

    /// Makes an outcome; `state` must be terminal.
    public init(
        state: RunState,
        changed: Bool? = nil,
        error: RunError? = nil,
        data: JSONValue? = nil,
        digest: ResultDigest? = nil
    ) {
        precondition(state.isTerminal, "an outcome needs a terminal state")
        self.state = state
        self.changed = changed
        self.error = error
        self.data = data
        self.digest = digest
    }

    /// The same outcome with another digest, or none.
    public func with(_ digest: ResultDigest?) -> RunOutcome {
        RunOutcome(state: state, changed: changed, error: error, data: data, digest: digest)
    }
}
