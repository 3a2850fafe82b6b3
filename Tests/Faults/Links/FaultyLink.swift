// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness
import Synchronization

/// A TCP proxy between an agent and the controller that can be made to fail in the ways networks do.
///
/// Each connection has two threads of its own that copy bytes, one each way, and look at the fault before each step.
final class FaultyLink: Sendable {
    /// Where the agent dials.
    let port: Int
    private let upstream: Int
    private let namespace: NetworkNamespace?
    private let state = Mutex(State())

    private struct State {
        var fault = LinkFault.none
        /// Connections of an earlier number are to be reset.
        var generation = 0
        var connections = 0
        var isClosed = false
    }

    /// Listens, and forwards to a port of 127.0.0.1, which may be that of another network namespace.
    init(to upstream: Int, in namespace: NetworkNamespace? = nil) throws {
        let (listener, port) = try Descriptor.listening()
        self.port = port
        self.upstream = upstream
        self.namespace = namespace
        Thread.detachNewThread { self.accept(listener) }
    }

    /// What is wrong with the link.
    var fault: LinkFault {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }

    /// How many connections there are.
    var connections: Int { state.withLock { $0.connections } }

    /// Ends all connections with a reset.
    func reset() { state.withLock { $0.generation += 1 } }

    /// Ends all connections, and the threads.
    func close() { state.withLock { $0.isClosed = true } }

    // MARK: Threads

    private func accept(_ listener: Descriptor) {
        while !state.withLock({ $0.isClosed }) {
            guard let client = listener.accepted() else { continue }
            if fault == .refuse {
                client.willReset()
                continue
            }
            let generation = state.withLock { state in
                state.connections += 1
                return state.generation
            }
            Thread.detachNewThread { self.serve(client, generation) }
        }
    }

    private func serve(_ client: Descriptor, _ generation: Int) {
        defer { state.withLock { $0.connections -= 1 } }
        while fault == .blackHole, isAlive(generation) { Self.pause(milliseconds: 10) }
        // The thread ends with the connection, so it need not come back from there.
        guard isAlive(generation), namespace?.enter() != false, let server = Descriptor.connected(port: upstream)
        else { return client.willReset() }
        let ended = Ended()
        Thread.detachNewThread {
            self.copy(server, to: client, .toAgent, generation)
            ended.set()
        }
        copy(client, to: server, .toController, generation)
        while !ended.isSet { Self.pause(milliseconds: 5) }
        if !isAlive(generation) {
            client.willReset()
            server.willReset()
        }
    }

    private func isAlive(_ generation: Int) -> Bool {
        state.withLock { $0.generation == generation && !$0.isClosed }
    }

    private func copy(_ source: Descriptor, to target: Descriptor, _ direction: LinkDirection, _ generation: Int) {
        while isAlive(generation) {
            if fault.holds(direction) {
                Self.pause(milliseconds: 10)
                continue
            }
            switch source.take() {
            case .nothing: continue
            case .end: return target.endOutput()
            case .bytes(let bytes):
                guard pass(bytes, to: target, direction, generation) else { return }
            }
        }
    }

    /// Sends what was read, as the fault has it; answers false where the connection is gone.
    private func pass(_ bytes: [UInt8], to target: Descriptor, _ direction: LinkDirection, _ generation: Int) -> Bool {
        var rest = bytes[...]
        if case .delay(let milliseconds) = fault { Self.pause(milliseconds: milliseconds) }
        if fault == .discard(direction) { return true }
        while !rest.isEmpty, isAlive(generation) {
            let dribbles = fault == .dribble
            guard let count = target.give(dribbles ? rest.prefix(1) : rest) else { return false }
            rest = rest.dropFirst(count)
            if dribbles { Self.pause(milliseconds: 1) }
        }
        return true
    }

    private static func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }
}

extension FaultyLink: Link {
    var address: String { "127.0.0.1:\(port)" }
    var prefix: [String] { [] }

    func disturb(_ generator: inout SeededGenerator) -> String {
        fault = .random(using: &generator)
        return "\(fault)"
    }

    func heal() { fault = .none }
}

/// Set once by one thread, looked at by another.
private final class Ended: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
}
