// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

/// Keeps lines about refused attempts within bounds, whoever makes how many of them.
///
/// In each round of a minute, the first of a source are written one by one, up to a number for each and for all together;
/// the others are counted, and become one line a source at the end of the round. The sources that are told apart are bounded
/// too. A value without I/O and without a clock: who holds it says when a round is over.
struct RefusalLog: Sendable {
    /// Whose attempts are counted together.
    private struct Source: Hashable {
        let address: String?
        let keyID: String?
        let code: String?
    }

    private struct Count {
        var written = 0
        var folded = 0
        let last: AuditEntry
    }

    /// How many lines of a source are written one by one in a round.
    static let linesOfSource = 10
    /// How many lines are written one by one in a round.
    static let lines = 100
    /// How many sources are told apart in a round; each is a line at its end at most.
    static let sources = 100

    private var counts: [Source: Count] = [:]
    private var written = 0
    /// Attempts of sources that are not told apart, and the last of them.
    private var others = 0
    private var lastOther: AuditEntry?

    /// Takes an attempt in.
    ///
    /// - Returns: whether it is to be written by itself.
    mutating func take(_ entry: AuditEntry) -> Bool {
        let source = Source(address: entry.address, keyID: entry.keyID, code: entry.code)
        guard var count = counts[source] ?? (counts.count < Self.sources ? Count(last: entry) : nil) else {
            others += 1
            lastOther = entry
            return false
        }
        let isWritten = count.written < Self.linesOfSource && written < Self.lines
        if isWritten {
            count.written += 1
            written += 1
        } else {
            count.folded += 1
        }
        counts[source] = count
        return isWritten
    }

    /// Ends the round.
    ///
    /// - Parameter now: the controller's time.
    /// - Returns: a line for the attempts of each source that were counted only.
    mutating func endRound(at now: Timestamp) -> [AuditEntry] {
        var lines = counts.values.filter { $0.folded > 0 }.map { count in
            count.last.standing(for: count.folded, at: now, detail: "as many more within a minute")
        }
        if let lastOther {
            let line = AuditEntry(
                time: now,
                action: lastOther.action,
                outcome: .refused,
                code: lastOther.code,
                detail: "as many from many addresses within a minute",
                count: others
            )
            lines.append(line)
        }
        self = RefusalLog()
        return lines
    }
}
