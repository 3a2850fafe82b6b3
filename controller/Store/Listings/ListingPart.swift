// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A part of a listing, as it was at one moment.
package struct ListingPart<Item: Sendable>: Sendable {
    /// The items, in the listing's order.
    package let items: [Item]
    /// Whether the listing has items behind these.
    package let hasMore: Bool
    /// How many items the whole listing has; nil where that was not asked for.
    package let total: Int?
    /// How many jobs there are in each status of all that may be seen, where jobs are listed.
    package let statusCounts: [JobStatus: Int]?

    /// Makes a part.
    package init(items: [Item], hasMore: Bool, total: Int?, statusCounts: [JobStatus: Int]? = nil) {
        self.items = items
        self.hasMore = hasMore
        self.total = total
        self.statusCounts = statusCounts
    }
}
