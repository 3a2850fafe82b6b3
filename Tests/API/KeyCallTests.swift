// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

extension APIFixture {
    /// Makes a key behind the API's back, and gives its secret.
    func key(
        _ scopes: Set<Scope>,
        name: String = "limited",
        target: String? = nil,
        operations: [String]? = nil,
        expiresAt: Timestamp? = nil
    ) async throws -> String {
        let secret = KeySecret.random()
        let record = KeyRecord(
            id: secret.id,
            name: name,
            scopes: scopes,
            target: target,
            operations: operations,
            createdAt: now,
            expiresAt: expiresAt
        )
        let creation = try await access.create(
            StoredKey(record: record, secretHash: secret.hash),
            audit: AuditEntry(time: now, action: AuditAction.createKey, subject: name)
        )
        guard case .created = creation else { throw StoreError(.failed, "\(creation)") }
        return secret.text
    }
}

struct KeyCallTests {
    @Test func `a key is made, shown once, used, found by its beginning and revoked`() async throws {
        try await APIFixture().serve { client in
            let made = try await client.post("/api/v1/keys", #"{"name":"ci","scopes":["job:read","agent:read"]}"#)
            let secret = try #require(made.json["secret"]?.string)
            let id = try #require(made.json["key"]?["id"]?.string)

            #expect(made.status == 201 && made.header("Location") == "/api/v1/keys/\(id)")
            #expect(made.json["key"]?["scopes"] == ["job:read", "agent:read"])
            #expect(made.json["key"]?["created_by"] == "admin")
            #expect(secret.hasPrefix("\(id)_"))
            #expect(try await client.send(.get, "/api/v1/jobs", key: secret).status == 200)
            for prefix in [String(id.prefix(10)), id, secret] {
                let found = try await client.get("/api/v1/keys?prefix=\(prefix)")
                #expect(found.items.compactMap { $0["name"]?.string } == ["ci"], "\(prefix)")
                #expect(!found.text.contains(secret.dropFirst(id.utf8.count + 1)))
                #expect(found.items.first?["last_used_at"]?.string != nil)
            }
            #expect(try await client.get("/api/v1/keys?name=ci").json["total_items"] == 1)
            #expect(try await client.get("/api/v1/keys?prefix=brk_nothing").json["total_items"] == 0)
            let long = try await client.get("/api/v1/keys?prefix=\(String(repeating: "x", count: 101))")
            #expect(long.status == 400 && long.parameters == ["prefix"])

            #expect(try await client.send(.delete, "/api/v1/keys/\(id)").status == 204)
            let refused = try await client.send(.get, "/api/v1/jobs", key: secret)
            #expect(refused.status == 401 && refused.detail.contains("revoked"))
            #expect(try await client.get("/api/v1/keys?name=ci").items.first?["revoked_by"] == "admin")
            #expect(try await client.send(.delete, "/api/v1/keys/\(id)").status == 204, "again is no error")
            #expect(try await client.send(.delete, "/api/v1/keys/brk_none").status == 404)
        }
    }

    @Test(arguments: [
        #"{"name":"a b","scopes":["job:read"]}"#, #"{"name":"","scopes":["job:read"]}"#,
        #"{"name":"x","scopes":["job:read"],"target":"env="}"#,
        #"{"name":"x","scopes":["job:read"],"target":"_any"}"#,
        #"{"name":"x","scopes":["job:read"],"operations":["A"]}"#,
        #"{"name":"x","scopes":["job:read"],"operations":[]}"#,
        #"{"name":"x","scopes":["job:read"],"expires_in":0}"#,
        #"{"name":"x","scopes":["job:read"],"expires_in":1e300}"#,
        #"{"name":"x","scopes":[]}"#, #"{"name":"x","scopes":["job:everything"]}"#, #"{"name":"x"}"#,
        #"{"name":"x","scopes":["job:read"],"secret":"mine"}"#,
    ])
    func `what is no key is refused`(body: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.post("/api/v1/keys", body)

            #expect(answer.status == 400 && !answer.pointers.isEmpty, "\(answer.text)")
            #expect(try await client.get("/api/v1/keys").json["total_items"] == 2)
        }
    }

    @Test func `a name is free again when its key is revoked`() async throws {
        try await APIFixture().serve { client in
            let body = #"{"name":"ci","scopes":["job:read"]}"#
            let first = try await client.post("/api/v1/keys", body)
            let taken = try await client.post("/api/v1/keys", body)
            #expect(taken.status == 409 && taken.code == "key_name_taken")

            _ = try await client.send(.delete, "/api/v1/keys/\(first.json["key"]?["id"]?.string ?? "")")
            #expect(try await client.post("/api/v1/keys", body).status == 201)
        }
    }

    @Test func `a key gives no more than it has`() async throws {
        let fixture = try await APIFixture()
        let expiry = fixture.now + .seconds(3600)
        let key = try await fixture.key(
            [.keyWrite, .jobWrite],
            target: "group=web",
            operations: ["ping", "service.*"],
            expiresAt: expiry
        )
        try await fixture.serve { client in
            func make(_ name: String, _ more: String) async throws -> APIClient.Answer {
                try await client.send(.post, "/api/v1/keys", key: key, body: #"{"name":"\#(name)",\#(more)}"#)
            }
            for more in [
                #""scopes":["job:read"]"#, #""scopes":["admin"]"#, #""scopes":["job:write"],"operations":["*"]"#,
                #""scopes":["job:write"],"operations":["command.exec"]"#, #""scopes":["job:write"],"expires_in":3601"#,
            ] {
                let answer = try await make("more", more)
                #expect(answer.status == 403 && answer.code == "forbidden", "\(more)")
            }

            let same = try await make("same", #""scopes":["job:write"]"#).json["key"]
            #expect(same?["target"] == "group=web" && same?["operations"] == ["ping", "service.*"])
            #expect(same?["expires_at"]?.string == expiry.description)
            let less = try await make("less", #""scopes":["job:write"],"target":"env=prod or web-1","expires_in":60"#)
            #expect(less.json["key"]?["target"] == "(env=prod or web-1) and (group=web)")

            let own = try await client.send(.delete, "/api/v1/keys/\(less.json["key"]?["id"]?.string ?? "")", key: key)
            #expect(own.status == 204)
            let admins = try await client.send(.delete, "/api/v1/keys/brk_admin", key: key)
            #expect(admins.status == 403, "a key does not revoke one that has more")
            let others: [(target: String?, operations: [String]?, expiresAt: Timestamp?)] = [
                (nil, ["ping"], expiry), ("group=db", ["ping"], expiry), ("group=web", nil, expiry),
                ("group=web", ["ping"], nil), ("group=web", ["ping"], expiry + .seconds(1)),
            ]
            for (number, other) in others.enumerated() {
                let secret = try await fixture.key(
                    [.jobWrite],
                    name: "other-\(number)",
                    target: other.target,
                    operations: other.operations,
                    expiresAt: other.expiresAt
                )
                let id = secret.split(separator: "_").prefix(2).joined(separator: "_")
                let answer = try await client.send(.delete, "/api/v1/keys/\(id)", key: key)
                #expect(answer.status == 403 && answer.code == "forbidden", "\(other): \(answer.text)")
            }
        }
    }

    @Test func `a key that has expired is refused`() async throws {
        let fixture = try await APIFixture()
        let key = try await fixture.key([.admin], expiresAt: fixture.now)
        try await fixture.serve { client in
            let answer = try await client.send(.get, "/api/v1/jobs", key: key)

            #expect(answer.status == 401 && answer.detail.contains("expired"))
        }
    }
}

/// Scopes, rate limits, and attempts without a key.
struct GateTests {
    @Test func `every call needs the scope that its description names, and no other`() async throws {
        let fixture = try await APIFixture()
        var keys: [Scope: String] = [:]
        for scope in Scope.allCases {
            let name = "only-\(scope.rawValue.replacing(":", with: "-"))"
            keys[scope] = try await fixture.key([scope], name: name)
        }
        let secrets = keys
        try await fixture.serve { client in
            let paths = try await client.get("/openapi.json").json["paths"]?.object ?? [:]
            var checked = 0
            for (path, calls) in paths {
                for (method, call) in calls.object ?? [:] {
                    guard let scope = call["security"]?.array?.first?["bearer"]?.array?.first?.string else { continue }
                    checked += 1
                    #expect(call["responses"]?["403"] != nil, "\(method) \(path)")
                    let uri = path.replacing("{id}", with: "x").replacing("{hostname}", with: "nobody")
                    let request = try #require(HTTPRequest.Method(method.uppercased()))
                    for (own, secret) in secrets {
                        // Streams would not end; from no place they do not begin.
                        let answer = try await client.send(request, uri, key: secret, headers: ["Last-Event-ID": "x"])
                        let isAllowed = own == .admin || own.rawValue == scope
                        #expect((answer.status == 403) != isAllowed, "\(method) \(path) with \(own.rawValue)")
                        if !isAllowed {
                            #expect(answer.code == "forbidden" && answer.detail.contains(scope))
                            #expect(answer.header("WWW-Authenticate")?.contains("scope=\"\(scope)\"") == true)
                        }
                    }
                }
            }
            #expect(checked >= 17)
        }
    }

    @Test func `every change has the name of its call in the description`() async throws {
        try await APIFixture().serve { client in
            let paths = try await client.get("/openapi.json").json["paths"]?.object ?? [:]
            let names = paths.values.flatMap { ($0.object ?? [:]).values.compactMap { $0["operationId"]?.string } }

            for action in [
                AuditAction.submitJob, AuditAction.retryJob, AuditAction.cancelJob, AuditAction.deleteJob,
                AuditAction.drainAgent, AuditAction.resumeAgent, AuditAction.createKey, AuditAction.revokeKey,
            ] { #expect(names.contains(action), "\(action)") }
        }
    }

    @Test func `a key may come in X-Api-Key`() async throws {
        try await APIFixture().serve { client in
            let header = ["X-Api-Key": APIFixture.secret]
            let alone = try await client.send(.get, "/api/v1/jobs", key: nil, headers: header)
            let contradicted = try await client.send(.get, "/api/v1/jobs", key: "other-secret", headers: header)
            #expect(alone.status == 200 && contradicted.status == 401)
        }
    }

    @Test func `answers tell what is left of a key's quota, and beyond it is 429`() async throws {
        let fixture = try await APIFixture(requests: Quota(limit: 3, window: .seconds(3600)))
        try await fixture.serve { client in
            let first = try await client.get("/api/v1/jobs")
            #expect(first.header("RateLimit-Policy") == #""key";q=3;w=3600"#)
            #expect(first.header("RateLimit") == #""key";r=2;t=1200"#)
            let wrong = try await client.get("/api/v1/jobs?limit=0")
            #expect(wrong.status == 400 && wrong.header("RateLimit")?.hasPrefix(#""key";r=1;"#) == true)
            _ = try await client.get("/api/v1/jobs")

            let refused = try await client.get("/api/v1/jobs")
            #expect(refused.status == 429 && refused.code == "too_many_requests")
            #expect(refused.header("Retry-After") == "1200")
            #expect(refused.header("RateLimit")?.hasPrefix(#""key";r=0;"#) == true)
            let other = try await client.send(.get, "/api/v1/jobs", key: "other-secret")
            #expect(other.status == 200, "other keys have quotas of their own")
            #expect(try await client.send(.get, "/healthz", key: nil).status == 200)
        }
    }

    @Test func `who fails too often is told to wait, and a good key is let in all the same`() async throws {
        let store = try SQLiteStore.inMemory()
        let access = try await APIFixture.access(store, failures: 5)
        try await APIFixture(store: store, access: access).serve { client in
            var answers: [APIClient.Answer] = []
            for number in 0..<8 { answers.append(try await client.send(.get, "/api/v1/jobs", key: "wrong-\(number)")) }

            #expect(answers.map(\.status) == [401, 401, 401, 401, 401, 429, 429, 429])
            #expect(answers[0].header("WWW-Authenticate") == #"Bearer realm="broker""#)
            #expect(answers[7].code == "too_many_requests" && answers[7].header("Retry-After") == "12")
            #expect(try await client.get("/api/v1/jobs").status == 200)
            #expect(try await client.send(.get, "/api/v1/nothing", key: "wrong").status == 429)
            let header = try await client.send(.get, "/api/v1/jobs", key: nil, headers: ["X-Api-Key": "wrong"])
            #expect(header.status == 429)
            #expect(try await client.send(.get, "/api/v1/jobs", key: nil).status == 401, "nothing was tried")
        }
    }
}
