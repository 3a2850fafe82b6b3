// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// Which jobs are to be listed, for whom, and with what.
package struct JobQuery: Sendable {
    /// Which jobs somebody may see.
    package enum Visibility: Sendable {
        /// All.
        case all
        /// Those of the operations that one of these means.
        case operations([OperationPattern])
        /// Those that the key of this name has submitted since a time.
        case own(name: String, since: Timestamp)
    }

    /// Which jobs are wanted.
    package var filter: JobFilter
    /// Which of them may be seen.
    package var visibility: Visibility
    /// Whether to count all that there are.
    package var isCounting: Bool
    /// What each record is to have beside itself.
    package var expansions: Set<JobExpansion>
    /// Whether the records are wanted alone, so that each costs one read: without what a single run told, and without the numbers
    /// by status.
    package var isBare: Bool

    /// Makes a query.
    package init(
        _ filter: JobFilter = JobFilter(),
        visibility: Visibility = .all,
        isCounting: Bool = true,
        expansions: Set<JobExpansion> = [],
        isBare: Bool = false
    ) {
        self.isBare = isBare
        self.filter = filter
        self.visibility = visibility
        self.isCounting = isCounting
        self.expansions = expansions
    }
}
