// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// Sends and receives messages at one place: a socket by itself, or one of its contexts.
///
/// The operation of nng that served one message serves the next, since making and freeing one takes a thread of its own.
final class Exchange: Sendable {
    private let place: SteppedOperation.Place
    /// What has served a message, and may serve the next.
    private let idle = Mutex<SteppedOperation?>(nil)

    init(at place: SteppedOperation.Place) {
        self.place = place
    }

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

    /// Runs one operation through its steps.
    ///
    /// - Returns: the message that was received, if it receives.
    private func run(
        _ name: String,
        _ steps: [SteppedOperation.Step],
        message: consuming Message?,
        timeout: Duration?
    ) async throws -> Message? {
        try Task.checkCancellation()
        let operation = try idle.withLock { $0.take() } ?? SteppedOperation(at: place)
        let result = await operation.run(steps, message: message, timeout: timeout)
        let received = operation.takeMessage()
        guard result == 0 else {
            let error = NNGError(result, name)
            if error.code == .cancelled { try Task.checkCancellation() }
            throw error
        }
        // One that failed or was cancelled stays away: what ended it may not be done with it yet.
        if !Task.isCancelled, operation.canBeRunAgain { idle.withLock { $0 = operation } }
        return received
    }
}
