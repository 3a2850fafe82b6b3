// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// An operation that sends and receives one after the other, and wakes the task that waits for it after the last step.
///
/// It can be run again each time it has succeeded; one that failed or was cancelled may not, since what ended it may not be
/// done with it yet.
struct SteppedOperation: Sendable {
    /// What it does at a time.
    enum Step: Sendable {
        case send
        case receive
    }

    /// Where messages are sent and received.
    enum Place: Sendable {
        case socket(nng_socket)
        case context(nng_ctx)
    }

    private let place: Place
    private let course = Course()
    private let operation: AsyncOperation

    /// Makes an operation that is not running.
    ///
    /// - Throws: `outOfMemory`.
    init(at place: Place) throws(NNGError) {
        self.place = place
        operation = try AsyncOperation { [course] operation in
            // In nng's callback, since waking the task between two steps would cost as much as all the rest.
            guard operation.result == 0, course.hasMore else { return course.end(with: operation.result) }
            place.goOn(with: operation, course)
        }
    }

    /// Runs it through its steps; there must be no other run under way.
    ///
    /// - Parameters:
    ///   - steps: what to do; at least one.
    ///   - message: what to send, if the first step sends.
    ///   - timeout: for all steps together; nil for no limit.
    /// - Returns: 0 or nng's code. Cancellation of the task ends the operation.
    func run(_ steps: [Step], message: consuming Message?, timeout: Duration?) async -> Int32 {
        operation.setTimeout(timeout)
        if let message { operation.setMessage(message) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                course.begin(steps, until: timeout.map { ContinuousClock.now + $0 }, continuation)
                place.begin(steps[0], operation)
                place.goOn(with: operation, course)
                // The handler's cancel may have come before nng had scheduled the operation, and was lost then.
                if Task.isCancelled { operation.cancel() }
            }
        } onCancel: {
            course.cancel()
            operation.cancel()
        }
        if result == 0, steps.last == .send { operation.forgetMessage() }
        return result
    }

    /// Whether it may be run again after it has succeeded: nng may be about to end a run whose time is nearly over, and meet the
    /// next one.
    var canBeRunAgain: Bool {
        course.timeLeft.map { $0 > .seconds(1) } ?? true
    }

    /// Takes the message that was received, or that could not be sent; nil when there is none.
    func takeMessage() -> Message? {
        operation.takeMessage()
    }
}

extension SteppedOperation.Place {
    /// Begins the next step, once the step before it has ended and the function of nng that began it has returned.
    ///
    /// Called after each of both. That function holds the socket's lock until it has written to the network, and the callback
    /// may come on another thread meanwhile, which would have to wait for it.
    fileprivate func goOn(with operation: AsyncOperation, _ course: Course) {
        guard let step = course.nextIfBoth() else { return }
        operation.forgetMessage()
        operation.setTimeout(course.timeLeft)
        begin(step, operation)
        if course.isCancelled { operation.cancel() }
    }

    fileprivate func begin(_ step: SteppedOperation.Step, _ operation: AsyncOperation) {
        unsafe operation.start { aio in
            switch (self, step) {
            case (.socket(let socket), .send): unsafe nng_send_aio(socket, aio)
            case (.socket(let socket), .receive): unsafe nng_recv_aio(socket, aio)
            case (.context(let context), .send): unsafe nng_ctx_send(context, aio)
            case (.context(let context), .receive): unsafe nng_ctx_recv(context, aio)
            }
        }
    }
}

/// How far one run of an operation is, and the task that waits for its end.
private final class Course: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Int32, Never>?
        var left: ArraySlice<SteppedOperation.Step> = []
        /// Whether one of the two things has happened that the next step waits for.
        var isHalfWay = false
        var deadline: ContinuousClock.Instant?
        /// Never taken back: it is the last run then.
        var isCancelled = false
    }

    private let state = Mutex(State())

    func begin(
        _ steps: [SteppedOperation.Step],
        until deadline: ContinuousClock.Instant?,
        _ continuation: CheckedContinuation<Int32, Never>
    ) {
        state.withLock { state in
            state.continuation = continuation
            state.left = steps.dropFirst()
            state.isHalfWay = false
            state.deadline = deadline
        }
    }

    /// Whether there is a step after this one.
    var hasMore: Bool { state.withLock { !$0.left.isEmpty } }

    /// The next step at every second call; nil at the others, and after the last step.
    func nextIfBoth() -> SteppedOperation.Step? {
        state.withLock { state in
            guard !state.left.isEmpty else { return nil }
            state.isHalfWay.toggle()
            return state.isHalfWay ? nil : state.left.popFirst()
        }
    }

    /// How long the rest may take; nil for no limit.
    var timeLeft: Duration? {
        state.withLock(\.deadline).map { max(.zero, $0 - .now) }
    }

    /// Whether the task has been cancelled.
    var isCancelled: Bool { state.withLock(\.isCancelled) }

    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    func end(with result: Int32) {
        state.withLock { $0.continuation.take() }?.resume(returning: result)
    }
}
