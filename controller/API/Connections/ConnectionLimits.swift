// SPDX-License-Identifier: Apache-2.0

/// How long a client may hold a connection up.
package struct ConnectionLimits: Sendable {
    /// How long the body of a request may take to come in, from its head or from the end of the answer before.
    package var bodyTime: Duration = .seconds(30)
    /// How many bytes of a body that goes to a file have to come in within ``bodyTime``, time and again.
    package var streamedBytes = 256 * 1024
    /// How long a body may still take once the controller is going down.
    package var stoppingTime: Duration = .seconds(2)
    /// How long a client may take nothing of what is sent to it.
    package var stalledTime: Duration = .seconds(60)
    /// How long a connection stays open after an answer to a request that has not come in whole, so that the client
    /// reads the answer before the reset.
    package var lingerTime: Duration = .seconds(2)
    /// How much is read from a connection at once, in bytes.
    package var pieceBytes = 16 * 1024
    /// How much of the rest of such a request is read, in bytes.
    package var lingerBytes = 128 * 1024

    /// The defaults.
    package init() {}
}
