// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Says in words why a connection failed, for the person who has to mend it.
enum TLSFailure {
    static func describe(_ error: any Error) -> String {
        switch error {
        case NIOSSLError.handshakeFailed(let cause): describe(cause)
        case let cause as BoringSSLError: describe(cause)
        case let cause as NIOSSLExtraError where cause == .failedToValidateHostname:
            "name mismatch: the server's certificate is for another name"
        case NIOSSLError.uncleanShutdown: "the connection was closed without a good-bye"
        case ChannelError.connectTimeout: "no answer: the connection timed out"
        case let cause as NIOConnectionError: describe(cause)
        case let cause as IOError: String(cString: strerror(cause.errnoCode)).lowercased()
        default: String(describing: error)
        }
    }

    /// Whether the other side says that our certificate will not do.
    static func isRefusal(_ error: any Error) -> Bool {
        let cause: BoringSSLError
        switch error {
        case NIOSSLError.handshakeFailed(let inner): cause = inner
        case let inner as BoringSSLError: cause = inner
        default: return false
        }
        guard case .sslError(let stack) = cause else { return false }
        let text = stack.map(\.description).joined(separator: " ")
        return refusals.contains { text.contains($0) }
    }

    private static let refusals = [
        "ALERT_CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_REVOKED",
        "ALERT_BAD_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN",
    ]

    private static func describe(_ error: NIOConnectionError) -> String {
        if let attempt = error.connectionErrors.last { return describe(attempt.error) }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "the name \(error.host) cannot be resolved" }
        return String(describing: error)
    }

    private static func describe(_ error: BoringSSLError) -> String {
        guard case .sslError(let stack) = error else { return String(describing: error) }
        let text = stack.map(\.description).joined(separator: " ")
        return explanations.first { text.contains($0.sign) }?.words ?? text
    }

    /// What BoringSSL says, in the order in which one sign must win over the next.
    private static let explanations: [(sign: String, words: String)] = [
        ("ALERT_CERTIFICATE_REQUIRED", "the other side demands a certificate"),
        ("ALERT_UNKNOWN_CA", "our certificate is not trusted by the other side: unknown authority"),
        ("ALERT_CERTIFICATE_EXPIRED", "our certificate is not accepted by the other side: expired"),
        ("ALERT_CERTIFICATE_REVOKED", "our certificate is not accepted by the other side: revoked"),
        ("ALERT_BAD_CERTIFICATE", "our certificate is not accepted by the other side"),
        ("ALERT_UNSUPPORTED_CERTIFICATE", "our certificate is not accepted by the other side: wrong purpose"),
        ("ALERT_CERTIFICATE_UNKNOWN", "our certificate is not accepted by the other side"),
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the other side showed no certificate"),
        (
            "CERTIFICATE_VERIFY_FAILED",
            "certificate not trusted: of an unknown authority, out of its time, or for another purpose"
        ),
        ("WRONG_VERSION_NUMBER", "the other side does not speak TLS"),
        ("HTTP_REQUEST", "the other side speaks HTTP, not TLS"),
        ("UNSUPPORTED_PROTOCOL", "the other side speaks only versions of TLS that are too old"),
        ("ALERT_PROTOCOL_VERSION", "the other side refuses our versions of TLS"),
        ("NO_SHARED_CIPHER", "no cipher in common with the other side"),
        ("EOF during handshake", "the other side closed the connection during the handshake"),
    ]
}
