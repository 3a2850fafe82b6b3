// SPDX-License-Identifier: Apache-2.0

/// How much is kept of objects, and taken in at one time.
package struct ObjectLimits: Hashable, Sendable {
    /// The most bytes of an object.
    package var maximumBytes: Int64 = 1 << 30
    /// The most bytes of all objects together.
    package var totalBytes: Int64 = 20 << 30
    /// How many objects are being stored at one time.
    package var uploads = 32
    /// How many of one key.
    package var uploadsOfKey = 4
    /// For how long bytes stay that no name stands for and no open job needs.
    package var sweepAge: Duration = .seconds(60)

    /// The defaults.
    package init() {}
}
