// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The loopback addresses that simulated agents dial from where there is no tunnel.
enum LoopbackAddress {
    /// Where agent `number`, from 1, dials from.
    static func ofAgent(_ number: Int) -> String {
        "127.\(1 + number >> 16).\(number >> 8 & 255).\(number & 255)"
    }

    /// Whether ``ofAgent(_:)`` gives such addresses.
    static func isOfAgent(_ text: String) -> Bool {
        text.hasPrefix("127.") && !text.hasPrefix("127.0.")
    }
}

extension Timestamp {
    /// The time by this machine's clock.
    @Sendable static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
