// SPDX-License-Identifier: Apache-2.0

import CNNG

/// A listener of a socket, which lives until it or its socket is closed; dropping this value does not close it.
package struct Listener: Sendable {
    private let handle: nng_listener
    /// The address, with the port that the system has chosen where the one asked for was 0.
    package let url: String
    /// The port that is bound; nil where the transport has none.
    package let port: UInt16?

    fileprivate init(handle: nng_listener, requested: String) {
        self.handle = handle
        var bound: Int32 = 0
        guard unsafe nng_listener_get_int(handle, NNG_OPT_TCP_BOUND_PORT, &bound) == 0 else {
            port = nil
            url = requested
            return
        }
        let port = UInt16(truncatingIfNeeded: bound)
        self.port = port
        url = requested.hasSuffix(":0") ? requested.dropLast(1) + String(port) : requested
    }

    /// Stops listening and closes the pipes that came by it; without effect when it is closed already.
    package func close() {
        nng_listener_close(handle)
    }
}

extension Socket {
    /// Starts to listen.
    ///
    /// - Parameter url: `tcp://127.0.0.1:7000` (port 0 for any that is free), `inproc://name`, `ipc:///path`.
    /// - Returns: the listener, with the port that is bound.
    /// - Throws: `addressInUse`, `addressInvalid`, `notSupported`, `closed`.
    @discardableResult
    package func listen(at url: String) throws(NNGError) -> Listener {
        var listener = nng_listener()
        try NNGError.check(unsafe nng_listener_create(&listener, handle, url), "listen at \(url)")
        do throws(NNGError) {
            try applyTCPOptions(to: url) { unsafe nng_listener_set_bool(listener, $0, $1) }
            try NNGError.check(nng_listener_start(listener, 0), "listen at \(url)")
        } catch {
            nng_listener_close(listener)
            throw error
        }
        return Listener(handle: listener, requested: url)
    }

    /// Sets what all endpoints over TCP have in common; nothing for other transports.
    func applyTCPOptions(to url: String, _ set: (String, Bool) -> Int32) throws(NNGError) {
        guard url.hasPrefix("tcp") || url.hasPrefix("tls+tcp") else { return }
        try NNGError.check(set(NNG_OPT_TCP_KEEPALIVE, options.tcpKeepAlive), "set \(NNG_OPT_TCP_KEEPALIVE)")
        try NNGError.check(set(NNG_OPT_TCP_NODELAY, options.tcpNoDelay), "set \(NNG_OPT_TCP_NODELAY)")
    }
}
