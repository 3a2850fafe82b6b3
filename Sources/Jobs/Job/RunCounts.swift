// SPDX-License-Identifier: Apache-2.0

/// How many runs of a job are in each state.
///
/// The numbers always add up to the size of the frozen set.
public struct RunCounts: Hashable, Sendable {
    private var numbers: [Int]

    /// Counts for a job of which every run is pending.
    public init(pending: Int) {
        numbers = Array(repeating: 0, count: RunState.allCases.count)
        self[.pending] = pending
    }

    /// How many runs are in `state`.
    public subscript(state: RunState) -> Int {
        get { numbers[state.position] }
        set { numbers[state.position] = newValue }
    }

    /// The size of the frozen set.
    public var total: Int { numbers.reduce(0, +) }

    /// How many runs are in a terminal state.
    public var terminal: Int {
        RunState.allCases.reduce(0) { $0 + ($1.isTerminal ? self[$1] : 0) }
    }

    /// How many runs ended in any other way than completed or skipped.
    public var notWell: Int {
        terminal - self[.completed] - self[.skipped]
    }

    /// The status of a job with these counts that has come to its end; nil while a run is not terminal.
    ///
    /// Before the end counts do not tell the status: a run that ended as expired may have been acknowledged or not.
    public var finalStatus: JobStatus? {
        guard terminal == total else { return nil }
        if self[.cancelled] > 0 { return .cancelled }
        if notWell == 0 { return .completed }
        return self[.completed] == 0 ? .failed : .partialFailure
    }
}

extension RunState {
    /// The place of the state in ``RunCounts``.
    fileprivate var position: Int {
        switch self {
        case .pending: 0
        case .acknowledged: 1
        case .started: 2
        case .completed: 3
        case .failed: 4
        case .skipped: 5
        case .timedOut: 6
        case .cancelled: 7
        case .expired: 8
        case .lost: 9
        }
    }
}

extension RunCounts: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Reads an object with a number per state; what is missing is zero.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(pending: 0)
        for state in RunState.allCases {
            self[state] = try container.decodeIfPresent(Int.self, forKey: Key(state.rawValue)) ?? 0
        }
    }
}

extension RunCounts: JSONWritable {
    /// Writes an object with a number per state.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        for state in Self.states { json.member(state.rawValue, self[state]) }
        json.endObject()
    }

    /// The states by their names.
    private static let states = RunState.allCases.sorted { $0.rawValue < $1.rawValue }
}
