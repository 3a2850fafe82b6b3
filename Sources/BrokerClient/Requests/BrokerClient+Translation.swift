// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

// What the transport threw, in the words of this module. The only place that knows the transport's errors.

extension BrokerClient {
    static func translated(_ error: any Error, base: BaseURL) -> any Error {
        switch error {
        case is BrokerClientError, is CancellationError:
            return error
        case let error as HTTPClientError:
            return translated(error, base: base)
        case is NIOTooManyBytesError:
            return BrokerClientError(code: .badAnswer, message: "the answer of \(base) is too large")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return untrusted(base, error) ?? unreachable(base, "TLS: \(reason(ofTLS: error))")
        case let error as NIOConnectionError:
            return unreachable(base, reason(of: error))
        case let error as IOError:
            return unreachable(base, reason(of: error))
        case let error as ChannelError:
            return translated(error, base: base)
        default:
            return unreachable(base, "\(error)")
        }
    }

    private static func translated(_ error: HTTPClientError, base: BaseURL) -> any Error {
        switch error {
        case .cancelled:
            return CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .socksHandshakeTimeout,
            .httpProxyHandshakeTimeout:
            return BrokerClientError(code: .timedOut, message: "\(base) did not take the connection in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return BrokerClientError(code: .timedOut, message: "\(base) did not answer in time")
        case .remoteConnectionClosed, .uncleanShutdown:
            return unreachable(base, "the connection was closed before the answer")
        default:
            return unreachable(base, error.shortDescription)
        }
    }

    private static func translated(_ error: ChannelError, base: BaseURL) -> any Error {
        if case .connectTimeout = error {
            return BrokerClientError(code: .timedOut, message: "\(base) did not take the connection in time")
        }
        return unreachable(base, "the connection was closed")
    }

    private static func unreachable(_ base: BaseURL, _ reason: String) -> BrokerClientError {
        BrokerClientError(code: .unreachable, message: "cannot reach \(base): \(reason)")
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
