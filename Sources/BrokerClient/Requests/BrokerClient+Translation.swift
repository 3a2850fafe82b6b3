// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore

// What the transport threw, in the words of this module. The only place that knows the errors of the HTTP client.

extension BrokerClient {
    static func translated(_ error: any Error, base: BaseURL) -> any Error {
        switch error {
        case let error as HTTPClientError: translated(error, base: base)
        case is NIOTooManyBytesError:
            BrokerClientError(code: .badAnswer, message: "the answer of \(base) is too large")
        default: BrokerClientError.reaching(base, endedWith: error)
        }
    }

    private static func translated(_ error: HTTPClientError, base: BaseURL) -> any Error {
        switch error {
        case .cancelled:
            return CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .socksHandshakeTimeout,
            .httpProxyHandshakeTimeout:
            return BrokerClientError.timedOut(base, "did not take the connection")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return BrokerClientError.timedOut(base, "did not answer")
        case .remoteConnectionClosed, .uncleanShutdown:
            return BrokerClientError.unreachable(base, "the connection was closed before the answer")
        default:
            return BrokerClientError.unreachable(base, error.shortDescription)
        }
    }
}
