// SPDX-License-Identifier: Apache-2.0

import Randomness

/// The way between a host and the controller, which can be made to fail.
protocol Link: Sendable {
    /// Where the agent of the host dials, HOST:PORT.
    var address: String { get }
    /// What is put before the command line of the agent, to run it at its end of the link.
    var prefix: [String] { get }

    /// Makes a fault drawn at random, in the place of an earlier one.
    ///
    /// - Returns: what it is, in words.
    func disturb(_ generator: inout SeededGenerator) throws -> String

    /// Ends the fault.
    func heal() throws

    /// Ends all connections with a reset.
    func reset() throws

    /// Ends what serves the link.
    func close()
}
