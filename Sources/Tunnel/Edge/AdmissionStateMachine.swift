// SPDX-License-Identifier: Apache-2.0

/// Decides whom the edge lets in, and when it takes the next one from the kernel's queue.
///
/// Handshakes cost a thousand times what a message costs: when a whole fleet comes back at once, they are done a few
/// at a time, and who waits, waits in the kernel, where it costs nothing and no timer of ours runs.
struct AdmissionStateMachine: Sendable {
    enum Verdict: Sendable, Equatable {
        case admit
        /// There are as many connections as there may be, or no descriptors for one more; it is closed at once.
        case refuse
    }

    let maximumConnections: Int
    let maximumHandshakes: Int
    private(set) var open = 0
    private(set) var handshaking = 0
    private var isAccepting = false

    init(maximumConnections: Int, maximumHandshakes: Int) {
        self.maximumConnections = max(1, maximumConnections)
        self.maximumHandshakes = max(1, maximumHandshakes)
    }

    /// Whether to ask the kernel for one more connection now; true at most once until that one has come.
    mutating func shouldAccept() -> Bool {
        guard !isAccepting, handshaking < maximumHandshakes else { return false }
        isAccepting = true
        return true
    }

    /// The kernel has handed over a connection.
    ///
    /// - Parameter hasFiles: whether there are descriptors left for it. Those of connections that were closed may still be
    ///   in use by nng, which closes its end when it gets round to it.
    /// - Returns: whether it may stay.
    mutating func accepted(hasFiles: Bool = true) -> Verdict {
        isAccepting = false
        guard open < maximumConnections, hasFiles else { return .refuse }
        open += 1
        handshaking += 1
        return .admit
    }

    /// The kernel could not hand over a connection; ask again, though not at once.
    mutating func acceptFailed() {
        isAccepting = false
    }

    /// An admitted connection has finished its handshake or failed to: its place is free.
    mutating func handshakeEnded() {
        precondition(handshaking > 0, "a handshake ended that never began")
        handshaking -= 1
    }

    /// An admitted connection is closed.
    mutating func closed() {
        precondition(open > 0, "a connection closed that was never open")
        open -= 1
    }
}
