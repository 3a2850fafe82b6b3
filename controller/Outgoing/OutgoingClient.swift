// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import NIOCore
package import NIOHTTP1
import NIOSSL

/// Calls URLs that others have named.
///
/// The name is resolved first, its addresses are checked against the policy, and the connection goes to one that passed, so that
/// a name server cannot give another address in between. TLS still checks the name. Redirects are not followed.
package struct OutgoingClient: Sendable {
    /// What was answered.
    package struct Answer: Sendable {
        /// The HTTP status.
        package let status: Int
        /// The headers.
        package let headers: HTTPHeaders
        /// The body, as much of it as was wanted.
        package let body: [UInt8]
    }

    private let policy: OutgoingPolicy
    private let authorities: String?

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - policy: which addresses may be called.
    ///   - authorities: a PEM file of authorities to trust; nil for those of the system.
    package init(policy: OutgoingPolicy, authorities: String? = nil) {
        self.policy = policy
        self.authorities = authorities
    }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - method: `GET` or `POST`.
    ///   - url: what to call.
    ///   - headers: what is sent beside `Host` and the length.
    ///   - body: what is sent.
    ///   - limit: the most bytes of the answer's body; a longer one is an error.
    ///   - timeout: how long all of it may take once the name is resolved.
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``OutgoingError``; `CancellationError`.
    package func call(
        _ method: HTTPMethod,
        _ url: OutgoingURL,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        limit: Int,
        timeout: TimeAmount = .seconds(15)
    ) async throws -> Answer {
        let address = try await address(of: url.host)
        guard url.isEncrypted || policy.isAllowedByName(address) else {
            let why = "plain http is spoken only to addresses in the setting outgoing.allow; use https"
            throw OutgoingError(code: .refused, message: "\(url): \(why)")
        }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: configuration(connecting: url.host, to: address)
        )
        var request = HTTPClientRequest(url: url.description)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let answer: Result<Answer, any Error>
        do {
            answer = .success(try await Self.execute(request, by: client, limit, timeout))
        } catch is CancellationError {
            answer = .failure(CancellationError())
        } catch {
            answer = .failure(OutgoingError(code: .failed, message: "\(url): \(error)"))
        }
        try? await client.shutdown()
        return try answer.get()
    }

    private static func execute(
        _ request: HTTPClientRequest,
        by client: HTTPClient,
        _ limit: Int,
        _ timeout: TimeAmount
    ) async throws -> Answer {
        let response = try await client.execute(request, timeout: timeout)
        let body = try await response.body.collect(upTo: limit)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }

    /// The address to connect to: the first that may be called.
    private func address(of host: String) async throws -> String {
        let addresses = try await NameResolver.addresses(of: host)
        guard let first = addresses.first else {
            throw OutgoingError(code: .unresolved, message: "\(host) has no address")
        }
        if let address = addresses.first(where: { policy.refusal(of: $0) == nil }) { return address }
        let kind = policy.refusal(of: first) ?? ""
        throw OutgoingError(
            code: .refused,
            message:
                "\(host) is \(first), a \(kind) address, which is not called; the setting outgoing.allow can allow it"
        )
    }

    private func configuration(connecting host: String, to address: String) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities { tls.trustRoots = .file(authorities) }
        configuration.tlsConfiguration = tls
        configuration.httpVersion = .http1Only
        configuration.dnsOverride = [host: address]
        // Who asks again is the caller, in its own time.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
