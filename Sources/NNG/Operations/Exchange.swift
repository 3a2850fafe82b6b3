// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// Where a message is sent and received: a socket by itself, or one of its contexts.
enum Exchange: Sendable {
    case socket(nng_socket)
    case context(nng_ctx)

    /// Sends a message; returns when nng has accepted it.
    ///
    /// - Parameters:
    ///   - body: the message.
    ///   - timeout: how long to wait; nil for no limit.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before nng has accepted the message.
    func send(_ body: [UInt8], timeout: Duration?) async throws {
        _ = try await run("send", [.send], message: try Message(body: body), timeout: timeout)
    }

    /// Waits for a message.
    ///
    /// - Parameter timeout: how long to wait; nil for no limit.
    /// - Returns: the body.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before a message has come.
    func receive(timeout: Duration?) async throws -> [UInt8] {
        try Self.body(of: try await run("receive", [.receive], message: nil, timeout: timeout))
    }

    /// Sends a message and waits for the one that answers it, as one operation that wakes the task once.
    ///
    /// - Parameters:
    ///   - body: the message.
    ///   - timeout: for both together; nil for no limit.
    /// - Returns: the body of the answer.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before the answer has come.
    func request(_ body: [UInt8], timeout: Duration?) async throws -> [UInt8] {
        let message = try Message(body: body)
        return try Self.body(of: try await run("request", [.send, .receive], message: message, timeout: timeout))
    }

    private static func body(of message: consuming Message?) throws -> [UInt8] {
        guard let message else { throw NNGError(.state, "no message came with the result", "receive") }
        return message.body
    }

    /// What an operation does, one after the other.
    private enum Step: Sendable {
        case send
        case receive
    }

    private func begin(_ step: Step, _ operation: AsyncOperation) {
        unsafe operation.start { aio in
            switch (self, step) {
            case (.socket(let socket), .send): unsafe nng_send_aio(socket, aio)
            case (.socket(let socket), .receive): unsafe nng_recv_aio(socket, aio)
            case (.context(let context), .send): unsafe nng_ctx_send(context, aio)
            case (.context(let context), .receive): unsafe nng_ctx_recv(context, aio)
            }
        }
    }

    /// Runs one operation through its steps.
    ///
    /// - Returns: the message that was received, if it receives.
    private func run(
        _ name: String,
        _ steps: [Step],
        message: consuming Message?,
        timeout: Duration?
    ) async throws -> Message? {
        try Task.checkCancellation()
        let waiter = Waiter()
        let deadline = timeout.map { ContinuousClock.now + $0 }
        let last = steps.count - 1
        let operation = try AsyncOperation { operation in
            // In nng's callback, since waking the task between two steps would cost as much as all the rest.
            guard operation.result == 0, waiter.step < last else { return waiter.resume(with: operation.result) }
            operation.forgetMessage()
            operation.setTimeout(deadline.map { max(.zero, $0 - .now) })
            begin(steps[waiter.nextStep()], operation)
            if waiter.isCancelled { operation.cancel() }
        }
        operation.setTimeout(timeout)
        if let message { operation.setMessage(message) }

        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.wait(continuation)
                begin(steps[0], operation)
                // The handler's cancel may have come before nng had scheduled the operation, and was lost then.
                if Task.isCancelled { operation.cancel() }
            }
        } onCancel: {
            waiter.cancel()
            operation.cancel()
        }

        if result == 0, steps[last] == .send {
            operation.forgetMessage()
            return nil
        }
        let received = operation.takeMessage()
        if result == 0 { return received }
        let error = NNGError(result, name)
        if error.code == .cancelled { try Task.checkCancellation() }
        throw error
    }
}

/// The continuation of the task that waits for one operation, and how far the operation is.
private final class Waiter: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Int32, Never>?
        var step = 0
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Which step of the operation is under way.
    var step: Int { state.withLock { $0.step } }

    /// Whether the task has been cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func wait(_ continuation: CheckedContinuation<Int32, Never>) {
        state.withLock { $0.continuation = continuation }
    }

    func nextStep() -> Int {
        state.withLock { state in
            state.step += 1
            return state.step
        }
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    func resume(with result: Int32) {
        state.withLock { $0.continuation.take() }?.resume(returning: result)
    }
}
