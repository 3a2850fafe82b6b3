// SPDX-License-Identifier: Apache-2.0

package import NNG
import Wire

/// How the fleet's side of the controller behaves.
package struct FleetConfiguration: Sendable {
    /// A parked poll is answered within this time, with or without work, while the fleet is small.
    package var heartbeat: Duration = .seconds(30)
    /// With more agents the interval stretches, so that no more than this many polls a second are for nothing.
    package var idlePollsPerSecond = 500
    /// The interval stretches up to this.
    package var longestHeartbeat: Duration = .seconds(100)
    /// How many hellos a second are taken; others are told when to come again.
    package var greetingsPerSecond = 2000
    /// How long a session that was answered may take to poll again before its link counts as dead.
    package var silence: Duration = .seconds(45)
    /// The same for a session whose agent has come a second time, in another process.
    package var challenge: Duration = .seconds(10)
    /// Deliveries in one answer.
    package var deliveriesPerAnswer = 100
    /// Bytes of parameters in one answer; the first delivery is always sent.
    package var answerBytes = WireLimits.message / 2
    /// Agents for which work is looked up in one transaction.
    package var agentsPerTransaction = 500
    /// When an agent that was refused may ask again.
    package var retryAfter: Duration = .seconds(2)
    /// How long an agent may take for a piece of output, and who asked for it to take one.
    package var outputPatience: Duration = .seconds(30)
    /// How much waits in the controller's memory between nng and the fleet.
    package var inbox = RawReply.Limits()

    /// The defaults.
    package init() {}

    /// Within what time polls are answered where this many agents are connected.
    func heartbeat(agents: Int) -> Duration {
        let stretched = Duration.seconds(1) * agents / idlePollsPerSecond
        return max(heartbeat, min(stretched, longestHeartbeat))
    }
}
