// SPDX-License-Identifier: Apache-2.0

import CNNG

/// A dialer of a socket, which keeps one connection and makes it anew when it is lost.
///
/// It lives until it or its socket is closed; dropping this value does not close it.
package struct Dialer: Sendable {
    private let handle: nng_dialer
    /// The address that is dialled.
    package let url: String

    fileprivate init(handle: nng_dialer, url: String) {
        self.handle = handle
        self.url = url
    }

    /// How the first connection is made.
    package enum Start: Hashable, Sendable {
        /// In the background, again and again until it succeeds: `dial` returns at once.
        case inBackground
        /// On the calling thread, once: `dial` returns when connected, or throws. For tests and for tools that have
        /// nothing else to do, since it can block for as long as the system takes to connect.
        case blocking
    }

    /// Closes the connection and does not dial again; without effect when it is closed already.
    package func close() {
        nng_dialer_close(handle)
    }
}

extension Socket {
    /// Starts to dial.
    ///
    /// - Parameters:
    ///   - url: `tcp://host:port`, `tls+tcp://host:port`, `inproc://name`, `ipc:///path`.
    ///   - tls: certificates for `tls+tcp`.
    ///   - start: how the first connection is made.
    /// - Returns: the dialer.
    /// - Throws: `addressInvalid`, `closed`; `cryptography`, `notFound` or `invalidArgument` for certificates that
    ///   cannot be used; with `blocking` also `refused`, `cryptography` for a peer's certificate that is not accepted,
    ///   `cancelled` when the socket is closed meanwhile, and what else a connection can meet.
    @discardableResult
    package func dial(
        _ url: String,
        tls: TLS? = nil,
        start: Dialer.Start = .inBackground
    ) throws(NNGError) -> Dialer {
        var dialer = nng_dialer()
        try NNGError.check(unsafe nng_dialer_create(&dialer, handle, url), "dial \(url)")
        do throws(NNGError) {
            try applyTCPOptions(to: url) { unsafe nng_dialer_set_bool(dialer, $0, $1) }
            try tls?.apply(to: dialer)
            let flags = start == .inBackground ? Int32(bitPattern: NNG_FLAG_NONBLOCK) : 0
            try NNGError.check(nng_dialer_start(dialer, flags), "dial \(url)")
        } catch {
            nng_dialer_close(dialer)
            throw error
        }
        return Dialer(handle: dialer, url: url)
    }
}
