// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// Sends replies on a raw socket without ever blocking a thread.
///
/// A reply goes straight into nng's queue. Only when that is full are replies kept here, up to a limit, and sent one
/// after the other as nng takes them.
final class Outbox: Sendable {
    private let socket: nng_socket
    private let capacity: Int
    private let immediate: ImmediateSend
    private let state = Mutex(State())

    private struct State {
        var isSending = false
        var isClosed = false
        var sender: AsyncOperation?
        var queue: [Reply] = []
        var sent = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0

        var count: Int { queue.count - sent }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }

        mutating func removeFirst() -> Reply? {
            guard sent < queue.count else {
                queue = []
                sent = 0
                return nil
            }
            defer {
                sent += 1
                // Drops what is sent once it is the greater part, so that each reply is moved at most once on average.
                if sent > 1024, sent * 2 > queue.count {
                    queue.removeFirst(sent)
                    sent = 0
                }
            }
            return queue[sent]
        }
    }

    /// Makes an outbox.
    ///
    /// - Throws: `outOfMemory`.
    init(socket: nng_socket, capacity: Int) throws(NNGError) {
        immediate = try ImmediateSend()
        self.socket = socket
        self.capacity = capacity
    }

    /// How many replies wait to be sent.
    var count: Int { state.withLock { $0.count } }

    /// Allocates the operation that sends what has to wait.
    ///
    /// - Throws: `outOfMemory`.
    func open() throws(NNGError) {
        let sender = try AsyncOperation { [weak self] operation in
            // A message that could not be sent is ours again, and goes here.
            if operation.result == 0 { operation.forgetMessage() } else { _ = operation.takeMessage() }
            self?.completed(operation)
        }
        state.withLock { $0.sender = sender }
    }

    /// Sends a reply, or keeps it to be sent.
    ///
    /// - Parameter reply: what to send.
    /// - Throws: `tryAgain` when there is no room, `closed`, `outOfMemory`.
    func send(_ reply: Reply) throws(NNGError) {
        guard try offer(reply) else {
            throw NNGError(.tryAgain, "\(capacity) replies are waiting already", "reply")
        }
    }

    /// Sends all of these, and waits for room as often as it must.
    ///
    /// - Parameter replies: what to send.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled while there is no room; some of the
    ///   replies have been sent then.
    func send(all replies: [Reply]) async throws {
        for reply in replies {
            while try !offer(reply) { try await waitForRoom() }
        }
    }

    /// Sends a reply or keeps it; false when there is no room.
    ///
    /// One that is kept is dropped when the socket is closed.
    private func offer(_ reply: Reply) throws(NNGError) -> Bool {
        let mustWait = state.withLock { $0.isSending }
        // Those that wait go first, and nng has no room as long as there are any.
        if !mustWait, try immediate.send(Self.message(for: reply), on: socket) { return true }
        let (isKept, sender) = state.withLock { state in
            guard !state.isClosed, state.count < capacity else { return (state.isClosed, nil as AsyncOperation?) }
            state.queue.append(reply)
            guard !state.isSending else { return (true, nil) }
            state.isSending = true
            return (true, state.sender)
        }
        if let sender { sendNext(sender) }
        return isKept
    }

    private func completed(_ sender: AsyncOperation) {
        guard sender.result == 0 else { return close() }
        let waiters = state.withLock { state in
            state.count <= capacity / 2 ? state.takeWaiters() : []
        }
        for waiter in waiters { waiter.resume() }
        sendNext(sender)
    }

    private func sendNext(_ sender: AsyncOperation) {
        while let next = takeNext() {
            // Without memory for it, a reply is lost like one to a peer that has gone: the peer asks again.
            guard (try? sender.setMessage(Self.message(for: next))) != nil else { continue }
            return unsafe sender.start { unsafe nng_send_aio(socket, $0) }
        }
    }

    private func takeNext() -> Reply? {
        state.withLock { state in
            let next = state.removeFirst()
            if next == nil { state.isSending = false }
            return next
        }
    }

    private func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            state.isSending = false
            state.queue = []
            state.sent = 0
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    private func waitForRoom() async throws {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.isSending, state.count >= capacity else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isReady { return continuation.resume() }
                // The handler below may have run before the continuation was there to be found.
                if Task.isCancelled { wake(id) }
            }
        } onCancel: {
            wake(id)
        }
        try Task.checkCancellation()
    }

    private func wake(_ id: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
    }

    private static func message(for reply: Reply) throws(NNGError) -> Message {
        let message = try Message(body: reply.body)
        try reply.address.append(to: message)
        return message
    }
}
