// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP API without the client library: for tests that must not see records through the product's own eyes.
package struct RawAPI: Sendable {
    /// What was answered.
    package struct Answer: Sendable {
        /// The HTTP status.
        package let status: Int
        /// The whole body.
        package let body: Data
    }

    private let http: HTTPClient
    private let base: String
    private let key: String

    /// Calls `body` with an API of a deployment, and closes its connections.
    package static func with<Value>(
        _ deployment: Deployment,
        _ body: (RawAPI) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file("\(deployment.directory.path)/ca/ca.pem")
        configuration.tlsConfiguration = tls
        configuration.httpVersion = .http1Only
        // A controller that is down is told of at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let api = RawAPI(http: http, base: "https://127.0.0.1:\(deployment.httpPort)", key: deployment.key)
        do {
            let value = try await body(api)
            try? await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Asks for a path below `/api/v1`.
    package func get(_ path: String) async throws -> Answer {
        try await get(at: "/api/v1/\(path)")
    }

    /// Asks for a path.
    package func get(at path: String) async throws -> Answer {
        var request = HTTPClientRequest(url: "\(base)\(path)")
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        let response = try await http.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 256 << 20)
        return Answer(status: Int(response.status.code), body: Data(body.readableBytesView))
    }

    /// Asks for a record; names of fields in `snake_case` become those of `type`.
    ///
    /// - Throws: ``DeploymentError`` for anything but 200 and such a record.
    package func record<Record: Decodable>(_ path: String, as type: Record.Type = Record.self) async throws -> Record {
        let answer = try await get(path)
        let text = String(decoding: answer.body.prefix(2000), as: UTF8.self)
        guard answer.status == 200 else { throw DeploymentError("\(path): \(answer.status) \(text)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: answer.body)
        } catch {
            throw DeploymentError("\(path): \(error): \(text)")
        }
    }

    /// Asks for all pages of a listing.
    package func all<Item: Decodable & Sendable>(_ path: String, as type: Item.Type = Item.self) async throws -> [Item]
    {
        var items: [Item] = []
        while true {
            let limit = path == "jobs" ? 100 : 500
            let page = try await record("\(path)?limit=\(limit)&offset=\(items.count)", as: Listing<Item>.self)
            items += page.items
            if page.items.isEmpty || items.count >= page.totalItems { return items }
        }
    }

    private struct Listing<Item: Decodable>: Decodable {
        let items: [Item]
        let totalItems: Int
    }
}
