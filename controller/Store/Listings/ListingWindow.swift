// SPDX-License-Identifier: Apache-2.0

/// Which part of a listing is wanted.
package struct ListingWindow<Key: Hashable & Sendable>: Sendable {
    /// Where it begins.
    package enum Start: Hashable, Sendable {
        /// After so many items, which are passed over: it takes time in proportion to their number.
        case offset(Int)
        /// After the item with this key, wherever that is and whether it is there or not.
        case after(Key)
    }

    /// Where it begins.
    package let start: Start
    /// How many items at most.
    package let limit: Int
    /// How many bytes of texts of unbounded length (parameters, data of runs) the items may have together; the first item
    /// is given whatever it has.
    package let maximumBytes: Int

    /// Makes a window.
    package init(from start: Start, limit: Int, maximumBytes: Int = .max) {
        self.start = start
        self.limit = limit
        self.maximumBytes = maximumBytes
    }
}
