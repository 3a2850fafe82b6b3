// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc

/// Runs a process to its end, and where it has to be ended, with everything that descends from it.
///
/// Each process has a thread of its own that sleeps in `poll`: on a host few run at once, and neither a slow start nor
/// a process that cannot be killed takes a thread from the rest of the agent.
///
/// Cancelling the task ends all of it as `cancellation` says, and so does an order there; the result then says so and
/// has the output so far. When the agent dies, however that happens, all of it is killed.
///
/// - Throws: ``SystemError`` if the process could not be started.
func runProcess(
    _ request: ProcessRequest,
    cancellation: RunCancellation
) async throws(SystemError) -> ProcessResult {
    let wake = FileDescriptor(owning: broker_eventfd())
    guard wake.number >= 0 else { throw SystemError(code: errno, action: "cannot prepare a process") }
    let monitor = ProcessMonitor(request, cancellation, wake: wake)
    cancellation.observe { monitor.cancel() }
    defer { cancellation.observe(nil) }
    // An order may have come before anybody listened.
    if cancellation.current != nil || cancellation.isLeft { monitor.cancel() }
    let result = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            monitor.start(continuation)
        }
    } onCancel: {
        monitor.cancel()
    }
    return try result.get()
}

/// The thread of one process.
final class ProcessMonitor: Sendable {
    typealias Answer = Result<ProcessResult, SystemError>

    private let request: ProcessRequest
    private let cancellation: RunCancellation
    private let wake: FileDescriptor

    /// Makes a monitor; nothing is started yet.
    init(_ request: ProcessRequest, _ cancellation: RunCancellation, wake: consuming FileDescriptor) {
        self.request = request
        self.cancellation = cancellation
        self.wake = wake
    }

    /// Has the run ended, or looks again at how; may be called at any time, and more than once.
    func cancel() {
        var one: UInt64 = 1
        write(wake.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Starts the process on a new thread; `continuation` is resumed exactly once.
    func start(_ continuation: CheckedContinuation<Answer, Never>) {
        let failure = startThread { [self] in run(continuation) }
        guard failure != 0 else { return }
        continuation.resume(returning: .failure(SystemError(code: failure, action: "cannot start a thread")))
    }

    private func run(_ continuation: CheckedContinuation<Answer, Never>) {
        broker_block_signals()
        do {
            let process = try SpawnedProcess(request)
            var loop = ProcessLoop(process, request, wake: wake.number, cancellation: cancellation)
            let result = loop.run()
            // Resume first where something hangs in the kernel or is left running: then only this thread waits for it.
            if loop.isOver { loop.reap() }
            continuation.resume(returning: .success(result))
            if !loop.isOver { loop.reap() }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }
}

/// Runs `body` on a new thread that nobody joins; answers 0 or an errno.
func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    final class Body: Sendable {
        let call: @Sendable () -> Void
        init(_ call: @escaping @Sendable () -> Void) { self.call = call }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 * 1024)
    let retained = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread,
        &attributes,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().call()
            return nil
        },
        retained.toOpaque()
    )
    if failure != 0 { retained.release() }
    return failure
}
