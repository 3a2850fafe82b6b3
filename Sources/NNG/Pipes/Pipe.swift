// SPDX-License-Identifier: Apache-2.0

import CNNG

/// The id of a pipe, that is of one connection of one of the sockets of this process; not used again for another one
/// within any time that matters.
package struct PipeID: Hashable, Sendable {
    /// nng's number.
    package let rawValue: UInt32

    /// Wraps nng's number.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

extension PipeID: CustomStringConvertible {
    /// The number.
    package var description: String { String(rawValue) }
}

/// One connection of a socket, as the handlers of `Socket.handlePipes` get it.
package struct Pipe: Hashable, Sendable {
    /// Its id, which also stands in each request that comes by it.
    package let id: PipeID

    /// The peer's host and port; nil when the transport has none, or the pipe is gone, as it is when `removed` is told.
    package var remoteAddress: RemoteAddress? {
        var address = nng_sockaddr()
        let result = unsafe nng_pipe_get_addr(nng_pipe(id: id.rawValue), NNG_OPT_REMADDR, &address)
        return result == 0 ? RemoteAddress(address) : nil
    }

    /// Closes the connection; without effect when it is gone.
    ///
    /// The peer's dialer connects anew.
    package func close() {
        nng_pipe_close(nng_pipe(id: id.rawValue))
    }
}

/// The answer to a connection that wants in.
package enum PipeAdmission: Hashable, Sendable {
    /// The pipe is used.
    case accept
    /// The pipe is closed before anything is received from it.
    case reject
}
