// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Tells a connection to flush what it holds and close: the service ends.
struct DrainEvent: Sendable {}

/// The connections a service has accepted, so that it can end them all.
final class ConnectionSet: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.channels.count } }

    func insert(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isLate = state.withLock { state in
            state.channels[key] = channel
            return state.isDraining
        }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.channels[key] = nil } }
        if isLate { channel.close(promise: nil) }
    }

    /// Closes every connection once it has flushed; the linger timeout ends those that cannot.
    func drain() async {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
        for channel in open { try? await channel.closeFuture.get() }
    }
}
