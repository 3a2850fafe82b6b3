// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A line of some job's timeline, with its place among those of all jobs.
package struct FeedEvent: Hashable, Sendable {
    /// The place: rises with each line, in the order of commits; has gaps.
    package let number: Int64
    /// Whose line it is.
    package let jobID: JobID
    /// The line.
    package let event: TimelineEvent
}
