// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Jobs
import Store
import Testing

/// Who may be an agent, as the store decides it.
struct EnrolmentStoreTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let limits = EnrolmentLimits()

    private func fingerprint(_ letter: Character) -> String { String(repeating: letter, count: 64) }
    private func id(_ letter: Character) -> AgentID { AgentID(String(repeating: letter, count: 32)) }

    private func request(
        _ letter: Character,
        _ hostname: String,
        token: String? = nil,
        from address: String = "10.0.0.1"
    ) -> NewEnrolment {
        NewEnrolment(
            id: id(letter),
            fingerprint: fingerprint(letter),
            hostname: hostname,
            address: address,
            network: address,
            secretHash: token
        )
    }

    private func add(_ store: SQLiteStore, token: String, uses: Int = 1, seconds: Int = 60) async throws {
        let record = JoinTokenRecord(
            id: token,
            labels: ["env": "prod"],
            uses: uses,
            createdAt: now,
            createdBy: "ann",
            expiresAt: now + .seconds(seconds)
        )
        #expect(try await store.addJoinToken(.init(record: record, secretHash: token), limits: limits, now: now))
    }

    @Test func `a token makes as many agents as it may, and a request that is sent again costs nothing`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t", uses: 2)

        for _ in 0..<3 {
            let result = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)
            guard case .stands(let enrolment, _) = result else { return #expect(Bool(false), "\(result)") }
            #expect(enrolment.state == .accepted && enrolment.labels == ["env": "prod"])
            #expect(enrolment.decidedBy == "token t")
        }
        _ = try await store.enrol(request("b", "web-2", token: "t"), limits: limits, now: now)
        let third = try await store.enrol(request("c", "web-3", token: "t"), limits: limits, now: now)

        #expect(third == .refused(.usedToken))
        let audit = try await store.audit(.oldest, beyond: nil, limit: 9).items.map(\.entry)
        #expect(audit.map(\.action) == ["enrol", "enrol"] && audit.map(\.actor) == ["token t", "token t"])
        #expect(audit[0].subject == "web-1 (\(id("a")))" && audit[0].address == "10.0.0.1")
        #expect(try await store.joinTokens().map(\.used) == [2])
        #expect(try await store.grantedLabels() == [id("a"): ["env": "prod"], id("b"): ["env": "prod"]])
    }

    @Test func `of requests that come at the same moment no more get through than a token allows`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t", uses: 3)

        let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for letter in "0123456789" {
                group.addTask {
                    let request = request(letter, "web-\(letter)", token: "t")
                    if case .stands = try await store.enrol(request, limits: limits, now: now) { return true }
                    return false
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        #expect(accepted == 3)
    }

    @Test func `a token that is unknown, revoked or over makes nobody an agent`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "old", seconds: 60)
        try await add(store, token: "gone")
        _ = try await store.revokeJoinToken("gone", now: now)

        func result(_ token: String, _ time: Timestamp) async throws -> EnrolmentResult {
            try await store.enrol(request("a", "web-1", token: token), limits: limits, now: time)
        }

        #expect(try await result("none", now) == .refused(.unknownToken))
        #expect(try await result("gone", now) == .refused(.unknownToken))
        #expect(try await result("old", now + .seconds(60)) == .refused(.expiredToken))
        #expect(try await store.enrolments(state: nil, limit: 10, offset: 0).totalItems == 0)
    }

    @Test func `without a token a host waits, is accepted, and is then what it was accepted as`() async throws {
        let store = try SQLiteStore.inMemory()
        _ = try await store.enrol(request("a", "web-1"), limits: limits, now: now)

        let accepted = try await store.accept(id("a"), labels: ["env": "test"], by: "ann", now: now)
        let again = try await store.enrol(request("a", "web-1"), limits: limits, now: now)

        #expect(accepted?.enrolment.state == .accepted && accepted?.enrolment.decidedBy == "ann")
        #expect(accepted?.enrolment.labels == ["env": "test"])
        guard case .stands(let enrolment, isNew: false) = again else { return #expect(Bool(false), "\(again)") }
        #expect(enrolment.state == .accepted)
        #expect(try await store.accept(id("a"), labels: nil, by: "ann", now: now) == nil)
    }

    @Test func `a second host of a name waits though it has a token, and takes the place when it is accepted`()
        async throws
    {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t", uses: 5)
        _ = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)

        let second = try await store.enrol(request("b", "WEB-1", token: "t"), limits: limits, now: now)
        let accepted = try await store.accept(id("b"), labels: nil, by: "ann", now: now)

        guard case .stands(let waiting, _) = second else { return #expect(Bool(false), "\(second)") }
        #expect(waiting.state == .pending && waiting.conflict)
        #expect(try await store.joinTokens().map(\.used) == [1])
        #expect(accepted?.replaced == [id("a")])
        #expect(try await store.revocations() == [id("a").text, fingerprint("a")])
        let first = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)
        #expect(first == .refused(.revoked))
    }

    @Test func `who waits with a token goes on waiting when the token has ended`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t", uses: 5, seconds: 60)
        _ = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)
        _ = try await store.enrol(request("b", "web-1", token: "t"), limits: limits, now: now)

        let later = try await store.enrol(request("b", "web-1", token: "t"), limits: limits, now: now + .seconds(90))

        guard case .stands(let enrolment, isNew: false) = later else { return #expect(Bool(false), "\(later)") }
        #expect(enrolment.state == .pending)
    }

    @Test func `a host whose name an agent with another's certificate has waits as well`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t")
        let introduction = AgentIntroduction(id: id("e"), hostname: "web-1", labels: [:], facts: [:], version: "1")
        _ = try await store.record([.introduced(introduction)], now: now)

        let result = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)

        guard case .stands(let enrolment, _) = result else { return #expect(Bool(false), "\(result)") }
        #expect(enrolment.state == .pending && enrolment.conflict)
    }

    @Test func `a rejected key is not asked about again`() async throws {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t")
        _ = try await store.enrol(request("a", "web-1"), limits: limits, now: now)
        _ = try await store.reject(id("a"), by: "ann", now: now)

        let again = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)

        #expect(again == .refused(.rejected))
    }

    @Test func `a key that has asked for one host is not another host's`() async throws {
        let store = try SQLiteStore.inMemory()
        _ = try await store.enrol(request("a", "web-1"), limits: limits, now: now)

        let other = try await store.enrol(request("a", "web-2"), limits: limits, now: now)

        #expect(other == .refused(.otherName))
    }

    @Test func `a revoked agent is out of the listing, all its keys are refused, and it is not known again`()
        async throws
    {
        let store = try SQLiteStore.inMemory()
        try await add(store, token: "t")
        _ = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)
        #expect(try await store.addKey(fingerprint("b"), of: id("a"), now: now))
        let introduction = AgentIntroduction(id: id("a"), hostname: "web-1", labels: [:], facts: [:], version: "1")
        _ = try await store.record([.introduced(introduction)], now: now)

        #expect(try await store.revoke(id("a"), by: "ann", now: now))
        _ = try await store.record([.introduced(introduction)], now: now)

        #expect(try await store.agents().isEmpty)
        #expect(try await store.revocations() == [id("a").text, fingerprint("a"), fingerprint("b")])
        #expect(try await !store.addKey(fingerprint("c"), of: id("a"), now: now))
        #expect(try await !store.addKey(fingerprint("b"), of: id("d"), now: now))
        #expect(try await store.enrolments(state: .revoked, limit: 10, offset: 0).totalItems == 1)
    }

    @Test func `revoking somebody unknown changes nothing`() async throws {
        let store = try SQLiteStore.inMemory()

        #expect(try await !store.revoke(id("a"), by: "ann", now: now))
        #expect(try await store.revocations().isEmpty)
    }

    @Test func `a key of one agent is not another's, and only the last keys of an agent are remembered`() async throws {
        let store = try SQLiteStore.inMemory()
        #expect(try await store.addKey(fingerprint("a"), of: id("1"), now: now))
        #expect(try await !store.addKey(fingerprint("a"), of: id("2"), now: now))

        for number in 0..<40 {
            let key = String(repeating: "f", count: 60) + "\(1000 + number)"
            #expect(try await store.addKey(key, of: id("1"), now: now + .seconds(number)))
        }
        let introduction = AgentIntroduction(id: id("1"), hostname: "web-1", labels: [:], facts: [:], version: "1")
        _ = try await store.record([.introduced(introduction)], now: now)
        #expect(try await store.revoke(id("1"), by: nil, now: now))
        // The id, and sixteen keys.
        #expect(try await store.revocations().count == 17)
    }

    @Test func `no more hosts wait than may, in all and from one address, and none for ever`() async throws {
        let store = try SQLiteStore.inMemory()
        var limits = limits
        limits.pending = 4
        limits.pendingPerNetwork = 2

        func ask(_ letter: Character, from address: String, at time: Timestamp) async throws -> Bool {
            let request = request(letter, "web-\(letter)", from: address)
            return try await store.enrol(request, limits: limits, now: time) != .refused(.full)
        }

        #expect(try await ask("a", from: "1", at: now))
        #expect(try await ask("b", from: "1", at: now))
        #expect(try await !ask("c", from: "1", at: now))
        #expect(try await ask("d", from: "2", at: now))
        #expect(try await ask("e", from: "2", at: now))
        #expect(try await !ask("f", from: "3", at: now))
        // Who waits already may ask how things stand.
        #expect(try await ask("a", from: "1", at: now))
        #expect(try await ask("f", from: "3", at: now + limits.pendingLifetime + .seconds(1)))
        #expect(try await store.enrolments(state: .pending, limit: 10, offset: 0).totalItems == 1)
    }

    @Test func `what was decided is found again when the store is opened anew`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "broker.sqlite").path
        let store = try SQLiteStore(path: path)
        try await add(store, token: "t")
        _ = try await store.enrol(request("a", "web-1", token: "t"), limits: limits, now: now)
        _ = try await store.revoke(id("a"), by: "ann", now: now)
        try await store.close()

        let again = try SQLiteStore(path: path)

        #expect(try await again.revocations() == [id("a").text, fingerprint("a")])
        #expect(try await again.joinTokens().map(\.used) == [1])
        try await again.close()
    }
}
