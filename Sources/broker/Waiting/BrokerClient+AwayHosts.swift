// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs

extension BrokerClient {
    /// The word on hosts that a job waits for; nil where there are none, or where it cannot be found out.
    ///
    /// At most two calls, and most often one, since most often nobody is away. It is a courtesy: where a call fails, the
    /// next one that matters will tell.
    func awayHosts(of job: Job) async -> AwayHosts? {
        guard job.agentCounts[.pending] > 0, let away = try? await agents(connected: false, limit: 500),
            !away.items.isEmpty,
            let waiting = try? await runs(of: job.id, RunFilter(state: .pending), data: false, limit: 1000)
        else { return nil }
        let known = Set(away.items.map(\.id))
        let isAll = away.items.count == away.totalItems && waiting.items.count == waiting.totalItems
        let hostnames = waiting.items.filter { known.contains($0.agentID) }.map(\.hostname)
        return AwayHosts(hostnames, isAll: isAll, deadline: job.deadlineAt)
    }
}
