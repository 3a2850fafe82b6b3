// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
package import Outgoing

/// Where the keys of an identity provider are: a file, or an `https` URL.
package struct KeySetSource: Sendable, CustomStringConvertible {
    private let place: String
    /// Nil for a file.
    private let url: OutgoingURL?
    private let authorities: String?
    private let policy: OutgoingPolicy

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - place: a path, or a URL that begins with `https://`.
    ///   - authorities: a PEM file of authorities to trust for the URL; nil for those of the system.
    ///   - policy: which addresses may be called.
    /// - Throws: ``TokenError`` for a URL of another kind: who can change what comes from it can make tokens.
    package init(_ place: String, authorities: String? = nil, policy: OutgoingPolicy) throws(TokenError) {
        self.place = place
        self.authorities = authorities
        self.policy = policy
        guard place.contains("://") else {
            url = nil
            return
        }
        let url: OutgoingURL
        do { url = try OutgoingURL(place) } catch { throw TokenError("\(place): \(error.message)") }
        guard url.isEncrypted else { throw TokenError("\(place): keys come from a file or an https:// URL") }
        self.url = url
    }

    /// The path or the URL.
    package var description: String { place }

    /// Whether it is a file.
    package var isFile: Bool { url == nil }

    /// Brings the key set.
    ///
    /// - Returns: the keys.
    /// - Throws: ``TokenError`` where it cannot be brought or used; redirects are not followed.
    package func keys() async throws -> TokenKeys {
        let json = if let url { try await fetch(url) } else { try read() }
        return try await TokenKeys(json: json)
    }

    private func read() throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: place) else {
            throw TokenError("\(place): the key set cannot be read")
        }
        return Array(data)
    }

    private func fetch(_ url: OutgoingURL) async throws -> [UInt8] {
        let client = OutgoingClient(policy: policy, authorities: authorities)
        let answer: OutgoingClient.Answer
        do {
            answer = try await client.call(.GET, url, limit: TokenKeys.maximumBytes)
        } catch let error as OutgoingError {
            throw TokenError(error.message)
        }
        guard answer.status == 200 else { throw TokenError("\(place) answered \(answer.status)") }
        return answer.body
    }
}
