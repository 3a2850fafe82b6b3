// SPDX-License-Identifier: Apache-2.0

import CNNG

/// One conversation on a socket, apart from its others: several contexts ask or answer at the same time.
///
/// A context of a REQ socket has one request at a time; a new one takes the place of the last, which ends with
/// `cancelled`. After an error, a timeout or a cancellation the context can be used again.
package final class Context: Sendable {
    private let handle: nng_ctx
    private let exchange: Exchange
    // Keeps the socket open for as long as the context is.
    private let socket: Socket

    /// Opens a context.
    ///
    /// - Parameter socket: one made by `Socket.request` or `Socket.reply`; a raw socket has no contexts.
    /// - Throws: `notSupported`, `closed`.
    package init(on socket: Socket) throws(NNGError) {
        var handle = nng_ctx()
        try NNGError.check(unsafe nng_ctx_open(&handle, socket.handle), "open a context")
        self.handle = handle
        exchange = Exchange(at: .context(handle))
        self.socket = socket
    }

    deinit {
        nng_ctx_close(handle)
    }

    /// Sends a request, or the answer to the request received last; returns when nng has accepted it.
    ///
    /// - Parameters:
    ///   - body: the message.
    ///   - timeout: how long to wait, for example for a connection; nil for no limit.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before nng has accepted the message.
    package func send(_ body: [UInt8], timeout: Duration? = nil) async throws {
        try await exchange.send(body, timeout: timeout)
    }

    /// Waits for the answer to the request sent, or for a request.
    ///
    /// - Parameter timeout: how long to wait; nil for no limit. When it is over, the request is forgotten.
    /// - Returns: the body.
    /// - Throws: `NNGError`, or `CancellationError` when the task is cancelled before a message has come; then the
    ///   request is forgotten too.
    package func receive(timeout: Duration? = nil) async throws -> [UInt8] {
        try await exchange.receive(timeout: timeout)
    }

    /// Sends a request and waits for its answer.
    ///
    /// REQ sends the request again when the connection is lost or no answer comes in time (see
    /// `Socket.Options.requestResendInterval`), so the peer can get it more than once.
    ///
    /// - Parameters:
    ///   - body: the request.
    ///   - timeout: for both together, the wait for a connection included; nil for no limit.
    /// - Returns: the answer.
    /// - Throws: `NNGError` with `timedOut` and others, or `CancellationError` when the task is cancelled before the
    ///   answer has come.
    package func request(_ body: [UInt8], timeout: Duration? = nil) async throws -> [UInt8] {
        try await exchange.request(body, timeout: timeout)
    }
}
