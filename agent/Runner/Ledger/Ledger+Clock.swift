// SPDX-License-Identifier: Apache-2.0

import Jobs

extension SQLite {
    /// Takes in how the wall clock stands to the time since the host was started.
    ///
    /// Where the wall clock was set since the last time, on the same boot, the times of runs that wait go with it.
    func adopt(_ anchor: ClockAnchor) throws(LedgerError) {
        try transaction { () throws(LedgerError) in
            let shift = anchor.shift(since: try self.anchor())
            if shift != .zero {
                try run(
                    """
                    UPDATE runs SET start_before = start_before + ?1,
                        goes_at = goes_at + ?1, back_before = back_before + ?1,
                        not_before = CASE not_before WHEN 0 THEN 0 ELSE not_before + ?1 END WHERE state <> 'ended'
                    """,
                    .integer(shift.wholeMilliseconds)
                )
            }
            try setMeta("boot_id", to: anchor.bootID)
            try setMeta("clock_offset", to: String(anchor.offset))
        }
    }

    private func anchor() throws(LedgerError) -> ClockAnchor? {
        let values = try all("SELECT name, value FROM meta WHERE name IN ('boot_id', 'clock_offset')") { row in
            (row.text(0), row.text(1))
        }
        let byName = Dictionary(values, uniquingKeysWith: { $1 })
        guard let bootID = byName["boot_id"], let offset = byName["clock_offset"].flatMap({ Int64($0) }) else {
            return nil
        }
        return ClockAnchor(bootID: bootID, offset: offset)
    }
}
