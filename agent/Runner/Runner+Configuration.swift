// SPDX-License-Identifier: Apache-2.0

extension Runner {
    /// What becomes of runs that go on when the agent is stopped.
    package enum ShutdownPolicy: String, Sendable, CaseIterable {
        /// They may go on for a while; what has not ended then is ended.
        case wait
        /// They are ended at once.
        case end
        /// Their processes go on without the agent, and nobody hears of their end.
        case leave
    }

    /// What can be set.
    package struct Configuration: Sendable {
        /// How many runs go on at once.
        package var maximumConcurrentRuns = 8
        /// What becomes of runs that go on when a graceful shutdown begins.
        package var shutdownPolicy = ShutdownPolicy.wait
        /// How long runs may go on after a graceful shutdown began, with ``ShutdownPolicy/wait``.
        package var shutdownPatience = Duration.seconds(10)
        /// How long it is remembered that a run was executed.
        package var retention = Duration.seconds(30 * 86_400)
        /// How often runs that wait are looked at for those whose time is over.
        package var sweepInterval = Duration.seconds(1)
        /// How often what is too old is forgotten.
        package var pruneInterval = Duration.seconds(3600)

        /// Makes a configuration with the defaults.
        package init() {}
    }
}
