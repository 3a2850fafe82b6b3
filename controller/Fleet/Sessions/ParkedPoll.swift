// SPDX-License-Identifier: Apache-2.0

/// A poll that waits for its answer.
package struct ParkedPoll<Address: Sendable>: Sendable {
    /// Where the answer goes.
    package let address: Address
    /// The sequences of the reports that it carried, which are on disk.
    package let reports: [Int64]
    /// Since when it has been parked.
    package let since: ContinuousClock.Instant

    /// Makes a value of its parts.
    package init(address: Address, reports: [Int64] = [], since: ContinuousClock.Instant) {
        self.address = address
        self.reports = reports
        self.since = since
    }
}
