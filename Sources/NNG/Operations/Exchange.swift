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
        let message = try Message(body: body)
        _ = try await unsafe run("send", message: message, timeout: timeout) { aio in
            switch self {
            case .socket(let socket): unsafe nng_send_aio(socket, aio)
            case .context(let context): unsafe nng_ctx_send(context, aio)
            }
        }
    }

    /// Waits for a message.
    ///
    /// - Parameter timeout: how long to wait; nil for no limit.
    /// - Returns: the body.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before a message has come.
    func receive(timeout: Duration?) async throws -> [UInt8] {
        let message = try await unsafe run("receive", message: nil, timeout: timeout) { aio in
            switch self {
            case .socket(let socket): unsafe nng_recv_aio(socket, aio)
            case .context(let context): unsafe nng_ctx_recv(context, aio)
            }
        }
        guard let message else { throw NNGError(.state, "no message came with the result", "receive") }
        return message.body
    }

    /// Runs one operation to its end.
    private func run(
        _ name: String,
        message: consuming Message?,
        timeout: Duration?,
        begin: (OpaquePointer) -> Void
    ) async throws -> Message? {
        try Task.checkCancellation()
        let waiter = Waiter()
        let operation = try AsyncOperation { waiter.resume(with: $0.result) }
        operation.setTimeout(timeout)
        let sends = message != nil
        if let message { operation.setMessage(message) }

        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.wait(continuation)
                unsafe operation.start(begin)
                // The handler's cancel may have come before nng had scheduled the operation, and was lost then.
                if Task.isCancelled { operation.cancel() }
            }
        } onCancel: {
            operation.cancel()
        }

        if result == 0, sends {
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

/// The continuation of the task that waits for one operation.
private final class Waiter: Sendable {
    private let continuation = Mutex<CheckedContinuation<Int32, Never>?>(nil)

    func wait(_ continuation: CheckedContinuation<Int32, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    func resume(with result: Int32) {
        continuation.withLock { $0.take() }?.resume(returning: result)
    }
}
