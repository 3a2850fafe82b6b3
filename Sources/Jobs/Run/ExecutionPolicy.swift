// SPDX-License-Identifier: Apache-2.0

/// What an agent does with a run whose execution it cannot finish, because the agent itself died.
public enum InterruptPolicy: String, Codable, Sendable, CaseIterable, Hashable {
    /// The run is `failed` with the code `interrupted`.
    case fail
    /// The next attempt begins.
    case rerun
}

/// How often a run that fails is tried again, and after what pauses.
public struct RetryPolicy: Decodable, Hashable, Sendable {
    /// The most attempts that a policy can ask for.
    public static let attempts = 1...100
    /// The pauses that a policy can ask for, in seconds.
    public static let backoffs: ClosedRange<Double> = 0...86_400

    /// How many attempts there are at most, the first included.
    public let maxAttempts: Int
    /// The pause before the second attempt, in seconds; each further one is twice as long, up to an hour or to the first.
    public let backoff: Double

    /// Makes a policy of its parts.
    public init(maxAttempts: Int, backoff: Double = 0) {
        self.maxAttempts = maxAttempts
        self.backoff = backoff
    }

    enum CodingKeys: String, CodingKey {
        case maxAttempts = "max_attempts"
        case backoff
    }
}

extension RetryPolicy: JSONWritable {
    /// Writes both.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        json.name("backoff")
        try json.value(backoff)
        json.member("max_attempts", maxAttempts)
        json.endObject()
    }
}

/// How an agent is to execute a run: when another attempt follows, and beside what it may run.
///
/// A policy is the same on every agent of a job. It is applied by the agent, so that it also works while the
/// controller is out of reach.
public struct ExecutionPolicy: Hashable, Sendable {
    /// One attempt, beside whatever else runs.
    public static let once = ExecutionPolicy()
    /// Attempts of a run that may begin again after interruptions and has no retry policy: so that a command that ends
    /// its agent each time comes to an end.
    public static let attemptsOfReruns = 10
    /// No pause grows above this, unless the first one is longer.
    public static let longestGrowingBackoff = Duration.seconds(3600)

    /// How many attempts a run that fails gets at most.
    public var maxAttempts = 1
    /// The pause before the second attempt; doubled before each further one.
    public var backoff = Duration.zero
    /// What happens after the agent died in mid-run.
    public var onInterrupt = InterruptPolicy.fail
    /// Whether the run begins only when no other such run goes on at its agent.
    public var isExclusive = false
    /// Whether the run waits for the controller's go-ahead after it was acknowledged.
    public var awaitsGo = false

    /// Whether nothing is to be touched on the host, and only told what would be.
    public var isDryRun = false

    /// Makes the policy of a run that gets one attempt.
    public init() {}

    /// After what pause the next attempt follows one that has ended; nil where none does.
    ///
    /// Only a run that `failed` is tried again. What cannot go better the next time is not: an operation that the agent
    /// does not know, parameters that break its rules, or what it refuses to execute (``Refusal``). An attempt that a crash of the agent cut short is followed by
    /// another where the policy says so, whatever it says of failures.
    ///
    /// - Parameters:
    ///   - attempt: the attempt that has ended, from 1.
    ///   - outcome: how it ended.
    /// - Returns: the pause; nil where no attempt follows.
    public func pause(after attempt: Int, endedWith outcome: RunOutcome) -> Duration? {
        guard outcome.state == .failed else { return nil }
        switch outcome.error?.code {
        case "interrupted":
            let most = max(maxAttempts, Self.attemptsOfReruns)
            return onInterrupt == .rerun && attempt < most ? .zero : nil
        case "unknown_operation", "invalid_parameters":
            return nil
        case let code? where Refusal(rawValue: code) != nil:
            return nil
        default:
            return attempt < maxAttempts ? pause(after: attempt) : nil
        }
    }

    private func pause(after attempt: Int) -> Duration {
        let ceiling = max(backoff, Self.longestGrowingBackoff)
        var pause = backoff
        for _ in 1..<max(1, attempt) where pause < ceiling { pause = min(ceiling, pause * 2) }
        return pause
    }
}
