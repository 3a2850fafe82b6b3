// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics

/// Counts what the fleet meets; for logs, metrics and the status page.
package final class FleetCounters: Sendable {
    /// What is counted.
    package enum Event: String, CaseIterable, Sendable {
        /// A message that is not of this protocol: the pipe was closed.
        case malformed
        /// A message of another version of the protocol: the pipe was closed.
        case foreignVersion = "foreign_version"
        /// A pipe that the tunnel does not vouch for: it was closed.
        case unidentified
        /// A pipe that was answered and then stayed silent: it was closed.
        case silent
        /// A hello that was refused, since the hostname belongs to another connected agent.
        case hostnameTaken = "hostname_taken"
        /// A hello that was refused, since its hostname is not the certificate's.
        case hostnameMismatch = "hostname_mismatch"
        /// A hello that was refused, since another process holds the agent's session: its key may have been copied.
        case alreadyConnected = "already_connected"
        /// A connection of an agent that is revoked, or a message of one that was revoked meanwhile: it was closed.
        case revoked
        /// A hello that was told to come again, since too many came at once.
        case greetedTooFast = "greeted_too_fast"
        /// A request that was refused, since it could not be stored.
        case notStored = "not_stored"
    }

    private let numbers = LabelledCounter(Event.allCases)

    /// Makes counters at zero.
    package init() {}

    /// Counts one.
    package func count(_ event: Event, by amount: Int = 1) {
        numbers.add(amount, of: event)
    }

    /// What was counted since the start; every event is there.
    package var snapshot: [String: Int] {
        Dictionary(uniqueKeysWithValues: all)
    }

    /// What was counted since the start, in the order of the events.
    var family: MetricFamily {
        .counter(
            "broker_agent_refusals_total",
            "What the agents' side refused: messages, connections, hellos, requests.",
            by: "reason",
            all
        )
    }

    private var all: [(String, Int)] { Event.allCases.map { ($0.rawValue, numbers[$0]) } }
}
