// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization

/// Work that waits in calls to the operating system, on a thread of its own, so that it takes none from other runs.
final class BlockingWork: Sendable {
    private let isOver = Atomic(false)

    /// Does work on a new thread, and answers what it answers.
    ///
    /// - Parameter body: waits with ``wait(for:on:until:)`` alone, so that cancelling the task ends it soon.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; `cancelled` where the task is.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (BlockingWork) throws(OperationError) -> Value
    ) async throws(OperationError) -> Value {
        let work = BlockingWork()
        let result: Result<Value, OperationError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let failure = startThread {
                    do throws(OperationError) {
                        continuation.resume(returning: .success(try body(work)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
                guard failure != 0 else { return }
                continuation.resume(returning: .failure(.system("cannot start a thread", failure)))
            }
        } onCancel: {
            work.isOver.store(true, ordering: .relaxed)
        }
        return try result.get()
    }

    /// Waits until a descriptor is ready.
    ///
    /// - Parameters:
    ///   - events: of `poll`.
    ///   - number: the descriptor.
    ///   - deadline: until when.
    /// - Returns: whether it is ready; false when the time is over.
    /// - Throws: `cancelled` where the task is.
    func wait(
        for events: Int32,
        on number: Int32,
        until deadline: ContinuousClock.Instant
    ) throws(OperationError) -> Bool {
        while true {
            try check()
            let left = (deadline - .now).wholeMilliseconds
            var descriptor = pollfd(fd: number, events: Int16(events), revents: 0)
            if poll(&descriptor, 1, Int32(clamping: max(0, min(left + 1, 100)))) > 0 { return true }
            if left <= 0 { return false }
        }
    }

    /// Lets time pass.
    ///
    /// - Throws: `cancelled` where the task is.
    func sleep(until deadline: ContinuousClock.Instant) throws(OperationError) {
        _ = try wait(for: 0, on: -1, until: deadline)
    }

    private func check() throws(OperationError) {
        if isOver.load(ordering: .relaxed) { throw .cancelled() }
    }
}
