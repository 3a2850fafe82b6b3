// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What was done to the processes and links, and when; for the story of a violation.
final class Journal: Sendable {
    private let lines = Mutex([(time: Date, text: String)]())
    private let numbers = Mutex([String: Int]())

    /// Notes something that was done, and counts it under its first two words.
    func note(_ what: String, _ whom: String, _ more: String = "") {
        lines.withLock { $0.append((.now, "\(whom): \(what) \(more)")) }
        numbers.withLock { $0["\(what) \(whom.contains("-") ? "agent" : whom)", default: 0] += 1 }
    }

    /// How often each thing was done.
    var counts: [String: Int] { numbers.withLock { $0 } }

    /// How many processes were killed.
    var kills: Int { counts.filter { $0.key.hasPrefix("kill ") }.values.reduce(0, +) }

    /// What was done around a time.
    func lines(from start: Date, to end: Date) -> [String] {
        lines.withLock { $0 }.filter { $0.time >= start && $0.time <= end }
            .map { "\($0.time.formatted(.iso8601.time(includingFractionalSeconds: true))) \($0.text)" }
    }
}
