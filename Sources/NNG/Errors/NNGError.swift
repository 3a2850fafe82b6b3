// SPDX-License-Identifier: Apache-2.0

import CNNG

/// A failure that nng reported, with the operation that met it.
///
/// Cancellation of a task is not among these: an `async` function of this module throws `CancellationError` for it.
package struct NNGError: Error, Hashable, Sendable {
    /// What went wrong, as one of nng's own codes.
    package enum Code: Hashable, Sendable {
        /// The socket, context, listener, dialer or pipe is closed.
        case closed
        /// The time given for the operation is over.
        case timedOut
        /// nng gave the operation up, for example since a newer request took the place of this one.
        case cancelled
        /// Nobody listens at the address dialled.
        case refused
        /// Somebody listens at this address already.
        case addressInUse
        /// The URL cannot be understood, or names no address that could be used.
        case addressInvalid
        /// The message is larger than the limit.
        case messageTooLarge
        /// The peer does not speak the protocol.
        case protocolViolation
        /// A queue is full; the same call can succeed later.
        case tryAgain
        /// The call does not fit the state, for example to receive a reply when nothing was asked.
        case state
        /// The connection was lost under the operation.
        case connectionReset
        /// The connection was given up under the operation.
        case connectionAborted
        /// The peer closed its side of the connection.
        case connectionShut
        /// The address or the peer cannot be reached.
        case unreachable
        /// The peer's certificate was not accepted.
        case peerAuthentication
        /// A certificate or key cannot be used, or TLS failed, which mostly means that one side refused the other's.
        case cryptography
        /// An argument is outside of what nng accepts.
        case invalidArgument
        /// nng does not do this for this kind of socket or transport.
        case notSupported
        /// A file or name does not exist.
        case notFound
        /// The system refused access.
        case permission
        /// No memory is left.
        case outOfMemory
        /// No file descriptors are left.
        case noFiles
        /// Any other code, as nng gives it.
        case other(Int32)
    }

    /// What went wrong.
    package let code: Code
    /// What went wrong, in nng's words.
    package let message: String
    /// What was being done, for example `listen at tcp://127.0.0.1:7000`.
    package let operation: String

    /// Makes an error of nng's result code.
    init(_ result: Int32, _ operation: String) {
        code = Code(result)
        message = unsafe String(cString: nng_strerror(result))
        self.operation = operation
    }

    /// Makes an error that this module found by itself.
    init(_ code: Code, _ message: String, _ operation: String) {
        self.code = code
        self.message = message
        self.operation = operation
    }

    /// Throws if a call to nng has not succeeded.
    ///
    /// - Parameters:
    ///   - result: what nng returned.
    ///   - operation: what was being done; only put together when it failed.
    /// - Throws: the failure.
    static func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(NNGError) {
        guard result == 0 else { throw NNGError(result, operation()) }
    }
}

extension NNGError: CustomStringConvertible {
    /// The operation and what nng says of it.
    package var description: String { "\(operation): \(message)" }
}

extension NNGError.Code {
    /// The code for a result other than 0.
    init(_ result: Int32) {
        self = Self.known[result] ?? .other(result)
    }

    private static let known: [Int32: NNGError.Code] = {
        let pairs: [(nng_errno_enum, NNGError.Code)] = [
            (NNG_ECLOSED, .closed), (NNG_ETIMEDOUT, .timedOut), (NNG_ECANCELED, .cancelled),
            (NNG_ECONNREFUSED, .refused), (NNG_EADDRINUSE, .addressInUse), (NNG_EADDRINVAL, .addressInvalid),
            (NNG_EMSGSIZE, .messageTooLarge), (NNG_EPROTO, .protocolViolation), (NNG_EAGAIN, .tryAgain),
            (NNG_ESTATE, .state), (NNG_ECONNRESET, .connectionReset), (NNG_ECONNABORTED, .connectionAborted),
            (NNG_ECONNSHUT, .connectionShut), (NNG_EUNREACHABLE, .unreachable), (NNG_EPEERAUTH, .peerAuthentication),
            (NNG_ECRYPTO, .cryptography), (NNG_EINVAL, .invalidArgument), (NNG_ENOTSUP, .notSupported),
            (NNG_ENOENT, .notFound), (NNG_EPERM, .permission), (NNG_ENOMEM, .outOfMemory), (NNG_ENOFILES, .noFiles),
        ]
        return Dictionary(uniqueKeysWithValues: pairs.map { (Int32(bitPattern: $0.rawValue), $1) })
    }()
}
