// SPDX-License-Identifier: Apache-2.0

/// What keeps a tunnel from working at all; what befalls one connection is counted and logged instead.
package struct TunnelError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller may want to tell apart.
    package enum Code: String, Sendable {
        /// A certificate, key or authority file is missing, unreadable, or they do not belong together.
        case credentials
        /// The address to listen on is taken, or not ours.
        case bind
        /// The listening socket was closed by the system while the service was to run.
        case listenerClosed = "listener_closed"
    }

    /// Which kind of failure this is.
    package var code: Code
    /// A sentence for the person who reads the log.
    package var message: String
    /// What was caught underneath, if anything.
    package var cause: (any Error)?

    /// The message, with the cause behind it.
    package var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
