// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Who is behind each loopback connection from the edge to nng.
///
/// nng sees every agent come from 127.0.0.1; the port it comes from is what leads to the certificate. The edge enters a
/// connection before it forwards its first byte, and nng adds a pipe only after the peer's first eight bytes: whoever
/// asks from nng's pipe callback finds the entry, and a pipe without one did not come through the edge.
package final class PeerDirectory: Sendable {
    private struct Entry {
        var connection: UInt64
        var identity: PeerIdentity
        var close: @Sendable () -> Void
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var lastConnection: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Makes an empty directory.
    package init() {}

    /// The identity behind the connection that reaches nng from this port.
    ///
    /// Ask once, when the pipe is added: after the connection has closed, the port may belong to another one.
    /// - Parameter port: The remote port nng sees, that is the edge's local port.
    /// - Returns: The identity, or nil if no connection of the edge has this port.
    package func identity(forLocalPort port: Int) -> PeerIdentity? {
        state.withLock { $0.entries[port]?.identity }
    }

    /// How many connections are entered.
    package var count: Int {
        state.withLock { $0.entries.count }
    }

    /// Enters a connection; the number returned names it, since the port alone may soon be another connection's.
    ///
    /// - Parameters:
    ///   - identity: Who is behind it.
    ///   - localPort: The port it reaches nng from.
    ///   - close: Closes it at once.
    /// - Returns: The number.
    func insert(_ identity: PeerIdentity, localPort: Int, close: @escaping @Sendable () -> Void) -> UInt64 {
        state.withLock { state in
            state.lastConnection += 1
            let entry = Entry(connection: state.lastConnection, identity: identity, close: close)
            state.entries[localPort] = entry
            return state.lastConnection
        }
    }

    /// Closes every connection whose identity fits, at once.
    package func close(where fits: (PeerIdentity) -> Bool) {
        let entries = state.withLock { Array($0.entries.values) }
        for entry in entries where fits(entry.identity) { entry.close() }
    }

    /// Removes a connection, unless its port has gone to a newer one in the meantime.
    func remove(localPort: Int, connection: UInt64) {
        state.withLock { state in
            if state.entries[localPort]?.connection == connection { state.entries[localPort] = nil }
        }
    }
}
