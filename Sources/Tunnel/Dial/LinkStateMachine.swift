// SPDX-License-Identifier: Apache-2.0

/// Where the agent's link to the controller stands.
package enum LinkState: Sendable, Hashable {
    /// Nothing has been tried yet, or the last connection ended in order.
    case idle
    /// The controller has answered on at least one connection.
    case connected
    /// The last attempt failed, and why.
    case unreachable(reason: String)
    /// The controller does not accept our certificate, and why.
    case refused(reason: String)
}

/// Follows the link's state through many attempts, so that each change is told once, however often nng redials.
struct LinkStateMachine: Sendable {
    private(set) var state = LinkState.idle
    private var established = 0

    /// A connection has brought its first byte from the controller; returns the new state if it is one.
    ///
    /// A finished handshake is not enough: in TLS 1.3 the client finishes before the server has looked at its certificate.
    mutating func connected() -> LinkState? {
        established += 1
        return change(to: .connected)
    }

    /// An attempt has failed before it was connected; other connections that stand keep the state.
    mutating func failed(reason: String) -> LinkState? {
        established > 0 ? nil : change(to: .unreachable(reason: reason))
    }

    /// An attempt has ended since the controller does not accept our certificate; as for `failed`.
    mutating func refused(reason: String) -> LinkState? {
        established > 0 ? nil : change(to: .refused(reason: reason))
    }

    /// A connection that was connected has closed.
    mutating func closed() -> LinkState? {
        precondition(established > 0, "a connection closed that was never connected")
        established -= 1
        return established > 0 ? nil : change(to: .idle)
    }

    private mutating func change(to new: LinkState) -> LinkState? {
        guard new != state else { return nil }
        state = new
        return new
    }
}
