// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// Takes requests from a raw socket in nng's callbacks and keeps them until the consumer takes all at once.
///
/// Several receive operations run at a time. Each holds a place in the inbox, so that there is always room for what it
/// brings; when the places are used up, operations rest, nng's own queue fills, and the peers feel it over TCP.
final class Inbox: Sendable {
    private let socket: nng_socket
    private let limits: RawReply.Limits
    private let state = Mutex(State())

    private struct State {
        var requests: [Request] = []
        var bytes = 0
        var running = 0
        var resting: [AsyncOperation] = []
        var waiter: CheckedContinuation<Void, Never>?
        var hasEnded = false

        /// Takes the operations out that there is room for again.
        mutating func wake(limits: RawReply.Limits) -> [AsyncOperation] {
            guard bytes < limits.requestBytes, !hasEnded else { return [] }
            let room = max(0, limits.requests - requests.count - running)
            let count = min(room, resting.count)
            running += count
            let woken = Array(resting.suffix(count))
            resting.removeLast(count)
            return woken
        }
    }

    /// Makes an inbox that receives nothing yet.
    init(socket: nng_socket, limits: RawReply.Limits) {
        self.socket = socket
        self.limits = limits
    }

    /// How many requests wait to be taken.
    var count: Int { state.withLock { $0.requests.count } }

    /// Allocates the operations and starts to receive.
    ///
    /// - Throws: `outOfMemory`.
    func open() throws(NNGError) {
        for _ in 0..<limits.receivers {
            let operation = try AsyncOperation { [weak self] operation in
                // Taken in any case: a message without an inbox would be lost to nng as well.
                let request = operation.takeRequest()
                self?.completed(operation, request)
            }
            state.withLock { $0.resting.append(operation) }
        }
        resume()
    }

    /// Waits for requests and takes all there are.
    ///
    /// - Returns: at least one request, in no certain order; nil when the socket is closed and all have been taken, or
    ///   the task is cancelled, which loses none.
    func next() async -> [Request]? {
        while !Task.isCancelled {
            let (batch, hasEnded) = state.withLock { state in
                let batch = state.requests
                state.requests = []
                state.bytes = 0
                return (batch, state.hasEnded)
            }
            resume()
            if !batch.isEmpty { return batch }
            if hasEnded { return nil }
            await wait()
        }
        return nil
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    precondition(state.waiter == nil, "requests have one consumer")
                    guard state.requests.isEmpty, !state.hasEnded else { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { return continuation.resume() }
                // The handler below may have run before the continuation was there to be found.
                if Task.isCancelled { wakeConsumer() }
            }
        } onCancel: {
            wakeConsumer()
        }
    }

    private func wakeConsumer() {
        state.withLock { $0.waiter.take() }?.resume()
    }

    private func resume() {
        // Outside of the lock, since nng takes locks of its own.
        for operation in state.withLock({ $0.wake(limits: limits) }) { receive(operation) }
    }

    private func receive(_ operation: AsyncOperation) {
        unsafe operation.start { unsafe nng_recv_aio(socket, $0) }
    }

    private func completed(_ operation: AsyncOperation, _ request: Request?) {
        let hasFailed = operation.result != 0
        let (again, waiter) = state.withLock { state in
            // A raw socket fails to receive only when it is closed.
            if hasFailed { state.hasEnded = true }
            if let request {
                state.requests.append(request)
                state.bytes += request.body.count
            }
            state.running -= 1
            state.resting.append(operation)
            let hasNews = hasFailed || request != nil
            return (state.wake(limits: limits), hasNews ? state.waiter.take() : nil)
        }
        waiter?.resume()
        for operation in again { receive(operation) }
    }
}

extension AsyncOperation {
    /// Takes the message received as a request; nil when there is none, or it has no way back.
    ///
    /// nng disconnects a peer whose message is too short for a header before it comes here.
    fileprivate func takeRequest() -> Request? {
        guard let message = takeMessage() else { return nil }
        guard let address = unsafe message.withHeader({ unsafe ReplyAddress(header: $0) }) else { return nil }
        return Request(address: address, body: message.body)
    }
}
