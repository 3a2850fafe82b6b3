// SPDX-License-Identifier: Apache-2.0

/// Which runs of a job a listing shows: those that fit all that is said here.
public struct RunFilter: Hashable, Sendable {
    /// What stands for the result of a run.
    public enum Result: Hashable, Sendable {
        /// This.
        case digest(ResultDigest)
        /// It was not told, as before the end of the run.
        case unknown

        /// Reads hexadecimal digits or `null`; nil for anything else.
        public init?(_ text: String) {
            if text == "null" {
                self = .unknown
            } else if let digest = ResultDigest(text) {
                self = .digest(digest)
            } else {
                return nil
            }
        }

        /// As it is read.
        public var text: String {
            switch self {
            case .digest(let digest): digest.description
            case .unknown: "null"
            }
        }
    }

    /// How long the beginning of a hostname can be, in characters.
    public static let maximumSearch = 64

    /// In this state; nil for any.
    public var state: RunState?
    /// Whether the host was changed; nil for either.
    public var change: JobFilter.Change?
    /// On a host whose name begins so, upper and lower case being the same; nil or empty for any.
    public var search: String?
    /// With this result; nil for any.
    public var result: Result?

    /// Makes a filter.
    ///
    /// - Parameters:
    ///   - state: the state; nil for any.
    ///   - change: whether the host was changed; nil for either.
    ///   - search: the beginning of the hostname; nil for any.
    ///   - result: the result; nil for any.
    public init(
        state: RunState? = nil,
        change: JobFilter.Change? = nil,
        search: String? = nil,
        result: Result? = nil
    ) {
        self.state = state
        self.change = change
        self.search = search
        self.result = result
    }
}
