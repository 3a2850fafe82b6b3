// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// Puts messages into the queue of a socket, one after the other, without waiting: a message is taken at once or not at
/// all.
///
/// What `nng_sendmsg` with `NNG_FLAG_NONBLOCK` does, with one operation for all messages: that function allocates one for
/// each, and leaves it to nng's reaper.
@safe
final class ImmediateSend: Sendable {
    // SAFETY: set once in `init`, and used under the lock, but in `deinit`, when nobody else has this object.
    private nonisolated(unsafe) let aio: OpaquePointer
    private let lock = Mutex(())

    /// Makes a sender.
    ///
    /// - Throws: `outOfMemory`.
    init() throws(NNGError) {
        var aio: OpaquePointer?
        // Without a callback there is nobody to be told on another thread.
        let result = unsafe nng_aio_alloc(&aio, nil, nil)
        guard result == 0, let aio = unsafe aio else { throw NNGError(result, "allocate an operation") }
        unsafe nng_aio_set_timeout(aio, NNG_DURATION_ZERO)
        unsafe self.aio = aio
    }

    deinit {
        unsafe nng_aio_reap(aio)
    }

    /// Sends a message, which is nng's after that, or freed.
    ///
    /// - Parameters:
    ///   - message: what to send.
    ///   - socket: where.
    /// - Returns: whether there was room.
    /// - Throws: `closed` and what else the socket reports.
    func send(_ message: consuming Message, on socket: nng_socket) throws(NNGError) -> Bool {
        let pointer = unsafe message.release()
        let result = lock.withLock { _ in
            unsafe nng_aio_set_msg(aio, pointer)
            unsafe nng_send_aio(socket, aio)
            // It has ended by now, since it may not wait.
            unsafe nng_aio_wait(aio)
            unsafe nng_aio_set_msg(aio, nil)
            return unsafe nng_aio_result(aio)
        }
        if result == 0 { return true }
        // Ours again, since the send has failed: freed here.
        _ = unsafe Message(owning: pointer)
        let error = NNGError(result, "reply")
        guard error.code == .timedOut || error.code == .tryAgain else { throw error }
        return false
    }
}
