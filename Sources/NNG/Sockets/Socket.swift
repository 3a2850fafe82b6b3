// SPDX-License-Identifier: Apache-2.0

import CNNG
import Synchronization

/// A socket of nng: many connections (pipes) that speak one protocol.
///
/// A socket listens and dials at any number of addresses, and reconnects by itself. It is closed by `close` or when the
/// last reference to it goes; what waits on it then ends with `closed`.
///
/// ## Threads
///
/// Everything may be called from any task. Closing waits until nng's callbacks have run out, so the last reference must
/// not be dropped, nor `close` called, within a handler of `handlePipes`.
package final class Socket: Sendable {
    let handle: nng_socket
    let options: Options
    private let exchange: Exchange
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        // nng has a plain pointer to it, so it is kept until the socket is closed for good.
        var pipes: PipeHandlers?
    }

    private init(options: Options, open: (UnsafeMutablePointer<nng_socket>) -> Int32) throws(NNGError) {
        var handle = nng_socket()
        try NNGError.check(unsafe open(&handle), "open a socket")
        self.handle = handle
        self.options = options
        exchange = Exchange(at: .socket(handle))
        try apply(options)
    }

    deinit {
        close()
    }

    /// Opens a socket that asks (REQ).
    ///
    /// - Parameter options: how it behaves.
    /// - Returns: the socket, without any connection.
    /// - Throws: `invalidArgument` when an option is out of range, or what the system refused.
    package static func request(options: Options = Options()) throws(NNGError) -> Socket {
        let socket = try unsafe Socket(options: options) { unsafe nng_req0_open($0) }
        let resend = options.requestResendInterval?.nngMilliseconds ?? NNG_DURATION_INFINITE
        let result = unsafe nng_socket_set_ms(socket.handle, NNG_OPT_REQ_RESENDTIME, resend)
        try NNGError.check(result, "set \(NNG_OPT_REQ_RESENDTIME)")
        return socket
    }

    /// Opens a socket that answers one request after the other (REP).
    ///
    /// - Parameter options: how it behaves.
    /// - Returns: the socket, without any connection.
    /// - Throws: `invalidArgument` when an option is out of range, or what the system refused.
    package static func reply(options: Options = Options()) throws(NNGError) -> Socket {
        try unsafe Socket(options: options) { unsafe nng_rep0_open($0) }
    }

    /// Opens a socket for `RawReply`, which answers any number of requests in any order (raw REP).
    ///
    /// - Parameter options: how it behaves.
    /// - Returns: the socket, without any connection.
    /// - Throws: `invalidArgument` when an option is out of range, or what the system refused.
    package static func rawReply(options: Options = .manyPeers) throws(NNGError) -> Socket {
        try unsafe Socket(options: options) { unsafe nng_rep0_open_raw($0) }
    }

    /// Closes the socket, its listeners, dialers and pipes; everything that waits on it ends.
    ///
    /// Returns when nng is done, so that no handler of a pipe runs any more; a second call, which has no effect, may
    /// return earlier.
    package func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        nng_close(handle)
        // Only now is nng done with the pointer; letting the handlers go also ends a cycle through what they captured.
        let handlers = state.withLock { $0.pipes.take() }
        withExtendedLifetime(handlers) {}
    }

    /// Sets what to do when connections come and go; once for a socket, before it listens or dials.
    ///
    /// The handlers are called on threads of nng and must return quickly. The events of one pipe come in order, those
    /// of several pipes may mix. The handlers are let go when the socket is closed.
    ///
    /// - Parameters:
    ///   - adding: decides on a connection before its first message can be received. A rejected pipe is closed and
    ///     delivers nothing.
    ///   - added: the pipe is in use.
    ///   - removed: the pipe is gone; the last event of a pipe, also of a rejected one.
    /// - Throws: `state` when handlers are set already, `closed`.
    package func handlePipes(
        adding: @escaping @Sendable (Pipe) -> PipeAdmission,
        added: @escaping @Sendable (Pipe) -> Void = { _ in },
        removed: @escaping @Sendable (Pipe) -> Void = { _ in }
    ) throws(NNGError) {
        let handlers = PipeHandlers(adding: adding, added: added, removed: removed)
        let operation = "set the handlers of pipes"
        let problem: NNGError.Code? = state.withLock { state in
            if state.isClosed { return .closed }
            if state.pipes != nil { return .state }
            state.pipes = handlers
            return nil
        }
        if let problem { throw NNGError(problem, "closed, or set already", operation) }
        try NNGError.check(handlers.register(with: handle), operation)
    }

    /// Sends a message; returns when nng has accepted it.
    ///
    /// - Parameters:
    ///   - body: the message.
    ///   - timeout: how long to wait; nil for no limit.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before nng has accepted the message.
    package func send(_ body: [UInt8], timeout: Duration? = nil) async throws {
        try await exchange.send(body, timeout: timeout)
    }

    /// Waits for a message; one that has come is never dropped by a cancellation.
    ///
    /// - Parameter timeout: how long to wait; nil for no limit.
    /// - Returns: the body.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before a message has come.
    package func receive(timeout: Duration? = nil) async throws -> [UInt8] {
        try await exchange.receive(timeout: timeout)
    }

    private func apply(_ options: Options) throws(NNGError) {
        guard options.receiveMaximum > 0 else {
            throw NNGError(.invalidArgument, "the limit must be above 0", "set \(NNG_OPT_RECVMAXSZ)")
        }
        let results = unsafe [
            (NNG_OPT_RECVMAXSZ, nng_socket_set_size(handle, NNG_OPT_RECVMAXSZ, options.receiveMaximum)),
            (
                NNG_OPT_RECONNMINT,
                nng_socket_set_ms(handle, NNG_OPT_RECONNMINT, options.reconnectMinimum.nngMilliseconds)
            ),
            (
                NNG_OPT_RECONNMAXT,
                nng_socket_set_ms(handle, NNG_OPT_RECONNMAXT, options.reconnectMaximum.nngMilliseconds)
            ),
        ]
        for (option, result) in results { try NNGError.check(result, "set \(option)") }
        for (option, count) in [(NNG_OPT_RECVBUF, options.receiveBuffer), (NNG_OPT_SENDBUF, options.sendBuffer)] {
            guard let count else { continue }
            let result = unsafe nng_socket_set_int(handle, option, Int32(clamping: count))
            try NNGError.check(result, "set \(option)")
        }
    }
}
