// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The times a pair of connections is bound by.
struct RelayLimits: Sendable {
    /// Silence in both directions after which the pair is closed; nil for never.
    var idle: TimeAmount?
    /// Once one side has ended, the time the other has to take what is pending and to end as well.
    var linger: TimeAmount
}

/// Running totals over all pairs of a service; shared by event loops.
final class RelayMeter: Sendable {
    private let nearBytes = Atomic<Int>(0)
    private let farBytes = Atomic<Int>(0)
    private let held = Atomic<Int>(0)
    private let idleCloses = Atomic<Int>(0)

    /// Bytes that came from the accepted side.
    var bytesFromNear: Int { nearBytes.load(ordering: .relaxed) }
    /// Bytes that came from the connected side.
    var bytesFromFar: Int { farBytes.load(ordering: .relaxed) }
    /// Bytes read on one side and not yet taken by the other's socket, at this moment.
    var bytesHeld: Int { held.load(ordering: .relaxed) }
    /// Pairs closed because nothing moved.
    var closedIdle: Int { idleCloses.load(ordering: .relaxed) }

    func read(_ count: Int, from side: RelayEnd.Side) {
        switch side {
        case .near: nearBytes.add(count, ordering: .relaxed)
        case .far: farBytes.add(count, ordering: .relaxed)
        }
        held.add(count, ordering: .relaxed)
    }

    func released(_ count: Int) {
        held.subtract(count, ordering: .relaxed)
    }

    func countIdleClose() {
        idleCloses.add(1, ordering: .relaxed)
    }
}
