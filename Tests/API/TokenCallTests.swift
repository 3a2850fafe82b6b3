// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import Logging
import Store
import Testing
import TokenVectors
import Tokens

@testable import API

/// Tokens of an identity provider in the place of keys.
struct TokenCallTests {
    private func access(_ tokens: TokenVerifier?) async throws -> AccessControl {
        let now = Timestamp(milliseconds: 1_800_000_000_125)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try await AccessControl(
            store: try SQLiteStore.inMemory(),
            wallClock: { now },
            tokens: tokens,
            logger: logger
        )
    }

    @Test func `a token is accepted where that is configured, with its scopes and under a name of its own`()
        async throws
    {
        let rules = TokenRules(issuer: "https://id.example.org", audience: "broker")
        let verifier = TokenVerifier(rules: rules, keys: try await TokenKeys(json: Array(TokenVectors.keySet.utf8)))
        let fixture = try await APIFixture(
            store: try SQLiteStore.inMemory(),
            access: try await access(verifier),
            hosts: ["web-1"]
        )
        try await fixture.serve { client in
            let body = #"{"operation":{"type":"ping"},"target":"_all"}"#
            let job = try await client.send(.post, "/api/v1/jobs", key: TokenVectors.es256, body: body)
            #expect(job.status == 201 && job.json["created_by"] == "jwt:ann", "\(job.text)")
            #expect(try await client.send(.get, "/api/v1/jobs", key: TokenVectors.es256).status == 200)
            let keys = try await client.send(.get, "/api/v1/keys", key: TokenVectors.es256)
            #expect(keys.status == 403 && keys.detail.contains("key:write"))
            let changed = try await client.send(.get, "/api/v1/jobs", key: TokenVectors.es256 + "A")
            #expect(changed.status == 401 && changed.header("WWW-Authenticate") != nil)
            let audit = try await fixture.access.store.audit(.oldest, beyond: nil, limit: 10).items
            #expect(audit.map(\.entry.outcome) == [.refused, .refused])
            #expect(audit.map(\.entry.actor) == ["jwt:ann", nil])
        }
    }

    @Test func `a token is no key where none is configured`() async throws {
        let fixture = try await APIFixture(store: try SQLiteStore.inMemory(), access: try await access(nil))
        try await fixture.serve { client in
            let answer = try await client.send(.get, "/api/v1/jobs", key: TokenVectors.es256)

            #expect(answer.status == 401 && answer.detail == "the key is not known")
        }
    }
}
