// SPDX-License-Identifier: Apache-2.0

/// Which runs of a job a listing shows: those that fit all that is said here.
public struct RunFilter: Hashable, Sendable {
    /// How long the beginning of a hostname can be, in characters.
    public static let maximumSearch = 64

    /// In this state; nil for any.
    public var state: RunState?
    /// Whether the host was changed; nil for either.
    public var change: JobFilter.Change?
    /// On a host whose name begins so, upper and lower case being the same; nil or empty for any.
    public var search: String?

    /// Makes a filter.
    ///
    /// - Parameters:
    ///   - state: the state; nil for any.
    ///   - change: whether the host was changed; nil for either.
    ///   - search: the beginning of the hostname; nil for any.
    public init(state: RunState? = nil, change: JobFilter.Change? = nil, search: String? = nil) {
        self.state = state
        self.change = change
        self.search = search
    }
}
