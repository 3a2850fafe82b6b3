// SPDX-License-Identifier: Apache-2.0

import Wire

/// How an agent keeps its link to the controller.
package struct LinkConfiguration: Sendable {
    /// The name of the host.
    package var hostname: String
    /// From the agent's configuration.
    package var labels: [String: String]
    /// Of the agent program.
    package var version: String
    /// The first pause after a link broke; each further one is up to twice as long.
    package var backoffMinimum: Duration = .milliseconds(200)
    /// The longest pause after a link broke.
    package var backoffMaximum: Duration = .seconds(30)
    /// The longest pause between two attempts to connect while nobody answers.
    ///
    /// So late an agent may notice that the controller is back. An attempt that is refused costs that host a packet.
    package var reconnectMaximum: Duration = .seconds(4)
    /// How long a connection, a hello or a receipt may take.
    package var answerTimeout: Duration = .seconds(30)
    /// How long the controller may take for a piece of output: as long as who asked for it.
    package var outputTimeout: Duration = .seconds(60)
    /// How long to wait between two pieces of a run that is followed.
    package var followPace: Duration = .milliseconds(250)
    /// How often it is asked whether anybody still listens, while the run writes nothing.
    package var followQuestion: Duration = .seconds(10)
    /// How long the poll after work may wait for that to end, so that it tells of it: a message less for what is short.
    package var pollDelay: Duration = .milliseconds(10)
    /// How much longer than the heartbeat interval a poll may stay without an answer.
    package var pollGrace: Duration = .seconds(15)
    /// How often facts are collected again; they are told only where they differ.
    package var factsInterval: Duration = .seconds(300)
    /// How often it is looked at what the agent tells of itself: its policy, its certificate, its job keys.
    package var conditionInterval: Duration = .seconds(10)
    /// Reports in one message.
    package var reportsPerMessage = 200
    /// Bytes of outcomes in one message; one report is always sent.
    package var reportBytes = WireLimits.message / 4
    /// How long reports may take to be told when the agent is stopped.
    package var flushTimeout: Duration = .seconds(5)

    /// The defaults.
    package init(hostname: String, labels: [String: String], version: String) {
        self.hostname = hostname
        self.labels = labels
        self.version = version
    }
}
