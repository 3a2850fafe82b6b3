// SPDX-License-Identifier: Apache-2.0

package import NNG
import Wire

/// How the fleet's side of the controller behaves.
package struct FleetConfiguration: Sendable {
    /// A parked poll is answered within this time, with or without work.
    package var heartbeat: Duration = .seconds(30)
    /// How long a session that was answered may take to poll again before its link counts as dead.
    package var silence: Duration = .seconds(45)
    /// Assignments in one answer.
    package var assignmentsPerAnswer = 100
    /// Bytes of parameters in one answer; the first assignment is always sent.
    package var answerBytes = WireLimits.message / 2
    /// Agents for which work is looked up in one transaction.
    package var agentsPerTransaction = 500
    /// When an agent that was refused may ask again.
    package var retryAfter: Duration = .seconds(2)
    /// How much waits in the controller's memory between nng and the fleet.
    package var inbox = RawReply.Limits()

    /// The defaults.
    package init() {}
}
