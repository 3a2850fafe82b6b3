// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// An object whose bytes are on the disk, and that is to get its name.
package struct NewObject: Hashable, Sendable {
    /// The record that it is to have.
    package let record: ObjectRecord
    /// Whether there must be no object of this name yet.
    package let mustBeNew: Bool
    /// The most bytes of all objects together.
    package let maximumTotal: Int64

    /// Makes a value of its parts.
    package init(record: ObjectRecord, mustBeNew: Bool, maximumTotal: Int64) {
        self.record = record
        self.mustBeNew = mustBeNew
        self.maximumTotal = maximumTotal
    }
}

/// What became of an attempt to store an object.
package enum ObjectKeeping: Hashable, Sendable {
    /// There was none of this name.
    case created(ObjectRecord)
    /// The name stood for other bytes.
    case replaced(ObjectRecord)
    /// The name stands for these bytes already; nothing was changed.
    case unchanged(ObjectRecord)
    /// There is one of this name, and there was to be none.
    case exists
    /// All objects together would have too many bytes.
    case full
}

/// What a step in taking away what nothing needs has done.
package struct ObjectSweep: Hashable, Sendable {
    /// How many objects were taken away.
    package let removed: Int
    /// Whether a limit kept it from doing more.
    package let isMore: Bool

    /// Makes a value of its parts.
    package init(removed: Int, isMore: Bool) {
        self.removed = removed
        self.isMore = isMore
    }
}
