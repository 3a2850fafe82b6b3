// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Where the keys of an identity provider are: a file, or an `https` URL.
package struct KeySetSource: Sendable, CustomStringConvertible {
    private let place: String
    private let authorities: String?

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - place: a path, or a URL that begins with `https://`.
    ///   - authorities: a PEM file of authorities to trust for the URL; nil for those of the system.
    /// - Throws: ``TokenError`` for a URL of another kind: who can change what comes from it can make tokens.
    package init(_ place: String, authorities: String? = nil) throws(TokenError) {
        guard place.hasPrefix("https://") || !place.contains("://") else {
            throw TokenError("\(place): keys come from a file or an https:// URL")
        }
        self.place = place
        self.authorities = authorities
    }

    /// The path or the URL.
    package var description: String { place }

    /// Whether it is a file.
    package var isFile: Bool { !place.hasPrefix("https://") }

    /// Brings the key set.
    ///
    /// - Returns: the keys.
    /// - Throws: ``TokenError`` where it cannot be brought or used; redirects are not followed.
    package func keys() async throws -> TokenKeys {
        try await TokenKeys(json: try await isFile ? read() : fetch())
    }

    private func read() throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: place) else {
            throw TokenError("\(place): the key set cannot be read")
        }
        return Array(data)
    }

    private func fetch() async throws -> [UInt8] {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities { tls.trustRoots = .file(authorities) }
        configuration.tlsConfiguration = tls
        configuration.httpVersion = .http1Only
        // Who asks again is the service, in its own time.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let bytes: Result<[UInt8], any Error>
        do {
            let response = try await client.execute(HTTPClientRequest(url: place), timeout: .seconds(15))
            guard response.status == .ok else { throw TokenError("\(place) answered \(response.status.code)") }
            let body = try await response.body.collect(upTo: TokenKeys.maximumBytes)
            bytes = .success(Array(body.readableBytesView))
        } catch {
            bytes = .failure(error is TokenError ? error : TokenError("\(place): \(error)"))
        }
        try? await client.shutdown()
        return try bytes.get()
    }
}
