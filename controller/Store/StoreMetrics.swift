// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import Jobs

/// What a store counts of its work since the start.
struct StoreMetrics: Sendable {
    /// From when somebody wanted something to be written until it was on the disk.
    let commits = Histogram()
    /// Runs that have ended, by the state they ended in.
    let endedRuns = LabelledCounter(RunState.allCases.filter(\.isTerminal))
}
