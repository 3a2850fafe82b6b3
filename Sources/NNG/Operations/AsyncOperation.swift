// SPDX-License-Identifier: Apache-2.0

import CNNG

/// One of nng's asynchronous operations (`nng_aio`): can be started again each time it has completed.
///
/// While it runs it keeps itself alive, so that nng's callback always finds it. It is freed by nng's reaper, which may
/// be asked from any thread, the callback's included; `nng_aio_free`, `_stop` and `_wait` would deadlock there.
@safe
final class AsyncOperation: Sendable {
    // SAFETY: set once in `init`, before any other thread can see the object; nng's functions on it are thread-safe.
    private nonisolated(unsafe) var aio: OpaquePointer?
    private let completion: @Sendable (AsyncOperation) -> Void

    /// Makes an operation that is not running.
    ///
    /// - Parameter completion: called on a thread of nng each time the operation has ended; must not block, and may
    ///   start the operation again.
    /// - Throws: `outOfMemory`.
    init(completion: @escaping @Sendable (AsyncOperation) -> Void) throws(NNGError) {
        self.completion = completion
        unsafe aio = nil
        let result = unsafe nng_aio_alloc(&aio, operationCompleted, Unmanaged.passUnretained(self).toOpaque())
        try NNGError.check(result, "allocate an operation")
    }

    deinit {
        if let aio = unsafe aio { unsafe nng_aio_reap(aio) }
    }

    /// Starts the operation; there must be none running.
    ///
    /// - Parameter begin: calls the function of nng that starts it, exactly once.
    func start(_ begin: (OpaquePointer) -> Void) {
        guard let aio = unsafe aio else { return }
        // SAFETY: balanced by the callback, which nng calls exactly once for each operation begun.
        _ = unsafe Unmanaged.passRetained(self)
        unsafe begin(aio)
    }

    /// Asks nng to end the running operation; without effect when none has been scheduled yet, or it has ended.
    func cancel() {
        unsafe nng_aio_cancel(aio)
    }

    /// Limits the next operation in time; nil for no limit.
    func setTimeout(_ timeout: Duration?) {
        unsafe nng_aio_set_timeout(aio, timeout.map(\.nngMilliseconds) ?? NNG_DURATION_INFINITE)
    }

    /// How the operation ended: 0, or nng's code.
    var result: Int32 { unsafe nng_aio_result(aio) }

    /// Hands over the message to send; if the send fails it comes back by `takeMessage`.
    func setMessage(_ message: consuming Message) {
        unsafe nng_aio_set_msg(aio, message.release())
    }

    /// Takes the message received, or the one that could not be sent; nil when there is none.
    func takeMessage() -> Message? {
        guard let pointer = unsafe nng_aio_get_msg(aio) else { return nil }
        unsafe nng_aio_set_msg(aio, nil)
        return unsafe Message(owning: pointer)
    }

    /// Forgets the message of a send that succeeded: it is nng's now.
    func forgetMessage() {
        unsafe nng_aio_set_msg(aio, nil)
    }

    fileprivate func complete() {
        completion(self)
    }
}

private func operationCompleted(_ argument: UnsafeMutableRawPointer?) {
    guard let argument = unsafe argument else { return }
    // SAFETY: takes over the reference that `start` retained.
    unsafe Unmanaged<AsyncOperation>.fromOpaque(argument).takeRetainedValue().complete()
}

extension Duration {
    /// For nng's options: whole milliseconds, rounded up, at most 24 days.
    var nngMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
