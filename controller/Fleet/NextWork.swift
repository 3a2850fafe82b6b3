// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs

/// Work that was offered as it was committed, by agents.
struct NextWork {
    private var runs: [AgentID: [(number: UInt64, job: OfferedJob)]] = [:]
    /// The frozen sets of the jobs.
    let sets: [JobID: [AgentID]]

    init(_ offers: [OfferedJob]) {
        sets = Dictionary(offers.map { ($0.jobID, $0.agents) }, uniquingKeysWith: { first, _ in first })
        runs.reserveCapacity(offers.reduce(0) { $0 + $1.deliveries.count })
        for offer in offers {
            for (agent, number) in offer.deliveries { runs[agent, default: []].append((number, offer)) }
        }
    }

    /// What comes next for an agent that holds everything up to `held`, without a gap; empty where something else does,
    /// or the deadline has passed.
    func deliveries(to agent: AgentID, after held: UInt64, now: Timestamp) -> [Delivery] {
        guard var offered = runs[agent] else { return [] }
        if offered.count > 1 { offered.sort { $0.number < $1.number } }
        var deliveries: [Delivery] = []
        for (number, job) in offered where number > held {
            guard number == held + UInt64(deliveries.count) + 1, let delivery = job.delivery(number, now: now) else {
                break
            }
            deliveries.append(delivery)
        }
        return deliveries
    }
}
