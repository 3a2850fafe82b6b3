// SPDX-License-Identifier: Apache-2.0

/// Limits and defaults of jobs, shown at `GET /api/v1/limits`.
package struct JobLimits: Sendable {
    /// How long a job may wait for its agents where the submission does not say.
    package var defaultDeadline: Duration = .seconds(3600)
    /// The shortest deadline that a submission may ask for.
    package var minimumDeadline: Duration = .seconds(1)
    /// The longest deadline that a submission may ask for.
    package var maximumDeadline: Duration = .seconds(7 * 86_400)
    /// Characters (Unicode code points) of a note.
    package var noteLength = 1024
    /// Jobs that have not ended, at most; then submissions are refused until some have.
    package var openJobs = 10_000
    /// Secrets of a job times its agents: each takes 150 bytes of what is sent to each agent.
    package var sealedSecrets = 1000
    /// How long an agent that holds runs may be silent before they are given up as lost.
    package var lease: Duration = .seconds(300)

    /// The defaults.
    package init() {}
}
