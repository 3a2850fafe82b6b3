// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

// What NIO throws while a controller is called, in words for whoever called. The only place that knows its errors.

extension BrokerClientError {
    /// What a call of the controller at `base` throws that ended with an error of the transport.
    ///
    /// - Returns: `error` itself where it is one of this kind already or says that the task was cancelled.
    package static func reaching(_ base: BaseURL, endedWith error: any Error) -> any Error {
        switch error {
        case is BrokerClientError, is CancellationError: error
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            untrusted(base, error) ?? unreachable(base, "TLS: \(reason(ofTLS: error))")
        case let error as NIOConnectionError: unreachable(base, reason(of: error))
        case let error as IOError: unreachable(base, reason(of: error))
        case let error as ChannelError: translated(error, base: base)
        default: unreachable(base, "\(error)")
        }
    }

    private static func translated(_ error: ChannelError, base: BaseURL) -> BrokerClientError {
        if case .connectTimeout = error {
            return timedOut(base, "did not take the connection")
        }
        return unreachable(base, "the connection was closed")
    }

    /// That nothing was heard of a controller.
    package static func unreachable(_ base: BaseURL, _ reason: String) -> BrokerClientError {
        BrokerClientError(code: .unreachable, message: "cannot reach \(base): \(reason)")
    }

    /// That a controller was not ready in time with what it `did not` do.
    package static func timedOut(_ base: BaseURL, _ fault: String) -> BrokerClientError {
        BrokerClientError(code: .timedOut, message: "\(base) \(fault) in time")
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if error.connectionErrors.isEmpty { return "no such host \(error.host)" }
        let reasons = error.connectionErrors.map { single in
            (single.error as? IOError).map(reason(of:)) ?? "\(single.error)"
        }
        // A host has often two addresses, and both say the same.
        return reasons.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; ")
    }

    private static func reason(of error: IOError) -> String {
        systemReason(error.errnoCode)
    }

    /// The error of a certificate that cannot be traced to anyone who is trusted; nil for another error.
    private static func untrusted(_ base: BaseURL, _ error: any Error) -> BrokerClientError? {
        let text = "\(error)"
        guard text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToVerify") else { return nil }
        return BrokerClientError(
            code: .untrusted,
            message: "cannot reach \(base): TLS: the certificate is not trusted"
        )
    }

    private static func reason(ofTLS error: any Error) -> String {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "the certificate is for another host"
        }
        let text = "\(error)"
        if text.contains("WRONG_VERSION_NUMBER") { return "what answers there does not speak TLS" }
        // BoringSSL's words come with places in its source; the reason is what follows the library's name.
        let parts = text.split(separator: "OPENSSL_internal:", maxSplits: 1)
        guard parts.count == 2 else { return text }
        let reason = parts[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return reason.split(separator: "_").joined(separator: " ").lowercased()
    }
}
