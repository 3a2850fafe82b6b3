// SPDX-License-Identifier: Apache-2.0

extension Runner {
    /// What can be set.
    package struct Configuration: Sendable {
        /// How many runs go on at once.
        package var maximumConcurrentRuns = 8
        /// How long runs may go on after a graceful shutdown began.
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
