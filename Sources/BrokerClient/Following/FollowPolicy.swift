// SPDX-License-Identifier: Apache-2.0

/// How often a job that is followed is looked at, and how long the controller may be away meanwhile.
public struct FollowPolicy: Hashable, Sendable {
    /// The pause after the first look.
    public var firstInterval: Duration
    /// The longest pause; each is half as long again as the one before, up to this.
    public var longestInterval: Duration
    /// How long the controller may be away before following ends with its error.
    public var patience: Duration

    /// Makes a policy; the defaults are 100 ms growing to one second, and a minute of patience.
    public init(
        firstInterval: Duration = .milliseconds(100),
        longestInterval: Duration = .seconds(1),
        patience: Duration = .seconds(60)
    ) {
        self.firstInterval = firstInterval
        self.longestInterval = longestInterval
        self.patience = patience
    }
}
