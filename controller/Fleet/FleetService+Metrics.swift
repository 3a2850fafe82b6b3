// SPDX-License-Identifier: Apache-2.0

package import ControllerMetrics
import JobDispatch
import NNG
import Synchronization

extension FleetService: MetricsSource {
    package var metricsName: String { "fleet" }

    /// Agents and their sessions, what waits on the way to and from them, and what was refused.
    package func metrics() async throws -> [MetricFamily] {
        let agents = directory.counts
        let (connections, parked) = table.withLock { ($0.pipeCount, $0.parkedCount) }
        let waiting = raw.waitingCounts
        return [
            .gauge("broker_agents", "Agents that are known.", agents.known),
            .gauge("broker_agent_sessions", "Agents that are connected.", agents.connected),
            .gauge("broker_agent_connections", "Connections that are open to nng.", connections),
            .gauge("broker_agent_polls_parked", "Polls that wait for work or the heartbeat.", parked),
            .gauge("broker_agent_inbox_requests", "Requests of agents that were not taken yet.", waiting.requests),
            .gauge("broker_agent_outbox_replies", "Answers to agents that nng has no room for yet.", waiting.replies),
            counters.family,
        ]
    }
}
