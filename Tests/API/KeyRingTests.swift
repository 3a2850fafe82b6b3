// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import Store
import Testing

@testable import API

struct KeyRingTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func key(_ name: String, _ secret: String, expiresAt: Timestamp? = nil) -> StoredKey {
        let record = KeyRecord(
            id: "brk_\(name)",
            name: name,
            scopes: [.jobRead],
            createdAt: Self.now,
            expiresAt: expiresAt
        )
        return StoredKey(record: record, secretHash: KeySecret.hash(secret))
    }

    private func refusal(_ ring: inout KeyRing, _ secret: String, at now: Timestamp = now) -> String? {
        do {
            _ = try ring.principal(for: secret, now: now)
            return nil
        } catch {
            return error.code == .unauthorized ? error.message : "\(error)"
        }
    }

    @Test func `each of several keys is found by its secret`() throws {
        var ring = try KeyRing([key("a", "one"), key("b", "two")])

        #expect(try ring.principal(for: "one", now: Self.now).name == "a")
        #expect(try ring.principal(for: "two", now: Self.now).keyID == "brk_b")
        #expect(refusal(&ring, "three") == "the key is not known")
        #expect(refusal(&ring, "onE") == "the key is not known")
        #expect(refusal(&ring, "") == "the key is not known")
    }

    @Test func `without keys nobody gets in`() throws {
        var ring = try KeyRing([])

        #expect(refusal(&ring, "") != nil)
        #expect(refusal(&ring, "x") != nil)
    }

    @Test func `a key is let in until it expires, and not at that moment any more`() throws {
        var ring = try KeyRing([key("a", "one", expiresAt: Self.now)])

        #expect(refusal(&ring, "one", at: Timestamp(milliseconds: Self.now.milliseconds - 1)) == nil)
        #expect(refusal(&ring, "one") == "the key has expired")
    }

    @Test func `a key that was revoked is refused, and another of its name is let in`() throws {
        let old = key("a", "one")
        var ring = try KeyRing([old])
        var revoked = old.record
        revoked.revokedAt = Self.now
        ring.revoke(revoked)
        let record = KeyRecord(id: "brk_new", name: "a", scopes: [.jobRead], createdAt: Self.now)
        try ring.add(StoredKey(record: record, secretHash: KeySecret.hash("two")))

        #expect(refusal(&ring, "one") == "the key was revoked")
        #expect(try ring.principal(for: "two", now: Self.now).name == "a")
    }

    @Test func `a key that was forgotten is not known`() throws {
        var ring = try KeyRing([key("a", "one"), key("b", "two")])

        ring.forget("brk_a")
        ring.forget("brk_none")

        #expect(refusal(&ring, "one") == "the key is not known")
        #expect(refusal(&ring, "two") == nil)
        #expect(ring.records { _ in true }.map(\.name) == ["b"])
    }

    @Test func `uses are told once, and again if the store did not take them`() throws {
        var ring = try KeyRing([key("a", "one"), key("b", "two")])
        _ = try ring.principal(for: "one", now: Self.now)

        let uses = ring.takeUses()
        #expect(uses == ["brk_a": Self.now])
        #expect(ring.record("brk_a")?.lastUsedAt == Self.now && ring.record("brk_b")?.lastUsedAt == nil)
        #expect(ring.takeUses().isEmpty)
        ring.putBack(uses)
        #expect(ring.takeUses() == uses)
    }

    @Test func `a key whose limit cannot be read does not become one without`() {
        let record = KeyRecord(id: "brk_a", name: "a", scopes: [.admin], target: "env=", createdAt: Self.now)

        #expect(throws: AccessError.self) {
            try KeyRing([StoredKey(record: record, secretHash: KeySecret.hash("one"))])
        }
    }

    // MARK: Credentials

    @Test(arguments: ["Bearer one", "bearer one", "BEARER one"])
    func `a bearer is written in upper or lower case`(header: String) throws {
        #expect(try Credentials.secret(in: [.authorization: header]) == "one")
    }

    @Test(arguments: ["", "Bearer", "Bearer ", "one", "Basic one"])
    func `anything else in the header is unauthorized`(header: String) {
        #expect(throws: APIError.self) { try Credentials.secret(in: [.authorization: header]) }
    }

    @Test func `a key may come in a header of its own, and in both if they are the same`() throws {
        #expect(try Credentials.secret(in: [.apiKey: "one"]) == "one")
        #expect(try Credentials.secret(in: [.apiKey: "one", .authorization: "Bearer one"]) == "one")
        #expect(throws: APIError.self) { try Credentials.secret(in: [.apiKey: "two", .authorization: "Bearer one"]) }
        #expect(throws: APIError.self) { try Credentials.secret(in: [.apiKey: ""]) }
        #expect(throws: APIError.self) { try Credentials.secret(in: [:]) }
        #expect(throws: APIError.self) { try Credentials.secret(in: [.apiKey: String(repeating: "x", count: 9000)]) }
    }
}
