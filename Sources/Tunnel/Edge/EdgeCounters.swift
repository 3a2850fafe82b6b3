// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the edge has seen since it started, and what it holds now.
package struct EdgeCounters: Sendable, Hashable {
    /// TCP connections taken from the kernel, refused ones included.
    package var accepted = 0
    /// Connections that are open now, those in their handshake included.
    package var open = 0
    /// Connections in their handshake now.
    package var handshaking = 0
    /// Handshakes that ended without an authenticated client, timeouts not included.
    package var handshakesFailed = 0
    /// Handshakes cut because they took too long.
    package var handshakeTimeouts = 0
    /// Connections closed at once because there were too many.
    package var refused = 0
    /// Clients whose certificate was good and who were not let through all the same, as those who are revoked.
    package var unwelcome = 0
    /// Authenticated clients that could not be connected to nng.
    package var upstreamFailed = 0
    /// Connections closed because nothing moved in either direction.
    package var closedIdle = 0
    /// Plain bytes received from clients.
    package var bytesFromClients = 0
    /// Plain bytes received from nng.
    package var bytesToClients = 0
    /// Bytes held in memory now: read on one side, not yet taken by the other.
    package var bytesHeld = 0
}

/// The edge's counters, shared by its event loops.
final class EdgeMeter: Sendable {
    let relay = RelayMeter()
    private let accepted = Atomic<Int>(0)
    private let handshakesFailed = Atomic<Int>(0)
    private let handshakeTimeouts = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let unwelcome = Atomic<Int>(0)
    private let upstreamFailed = Atomic<Int>(0)

    func countAccepted() { accepted.add(1, ordering: .relaxed) }
    func countHandshakeFailed() { handshakesFailed.add(1, ordering: .relaxed) }
    func countHandshakeTimeout() { handshakeTimeouts.add(1, ordering: .relaxed) }
    func countRefused() { refused.add(1, ordering: .relaxed) }
    func countUnwelcome() { unwelcome.add(1, ordering: .relaxed) }
    func countUpstreamFailed() { upstreamFailed.add(1, ordering: .relaxed) }

    func snapshot(gate: AdmissionGate) -> EdgeCounters {
        EdgeCounters(
            accepted: accepted.load(ordering: .relaxed),
            open: gate.open,
            handshaking: gate.handshaking,
            handshakesFailed: handshakesFailed.load(ordering: .relaxed),
            handshakeTimeouts: handshakeTimeouts.load(ordering: .relaxed),
            refused: refused.load(ordering: .relaxed),
            unwelcome: unwelcome.load(ordering: .relaxed),
            upstreamFailed: upstreamFailed.load(ordering: .relaxed),
            closedIdle: relay.closedIdle,
            bytesFromClients: relay.bytesFromNear,
            bytesToClients: relay.bytesFromFar,
            bytesHeld: relay.bytesHeld
        )
    }
}
