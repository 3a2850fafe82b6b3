// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on cron.
    static let schedule: [any Operation] = [CronList(), CronEnsure(), CronAbsent()]
}
