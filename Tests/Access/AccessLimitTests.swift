// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Access

struct AccessLimitTests {
    private func agent(_ hostname: String, _ labels: [String: String]) -> Agent {
        let time = Timestamp(milliseconds: 0)
        return Agent(
            id: AgentID("id-\(hostname)"),
            hostname: hostname,
            connected: true,
            labels: labels,
            facts: [:],
            version: "0.1.0",
            firstSeenAt: time,
            lastSeenAt: time
        )
    }

    @Test func `a limit allows the agents that its target selects, and no others`() throws {
        let limit = try AccessLimit(target: "env=dev", operations: nil)

        #expect(limit.allows(agent("a", ["env": "dev"])))
        #expect(!limit.allows(agent("b", ["env": "prod"])))
        #expect(!limit.allows(agent("c", [:])))
        #expect(AccessLimit.none.allows(agent("b", ["env": "prod"])))
    }

    @Test(arguments: [
        ("ping", "ping", true), ("ping", "ping.more", false), ("service.*", "service.restart", true),
        ("service.*", "service", false), ("service.*", "serviceman.x", false), ("*", "command.exec", true),
    ])
    func `patterns name operations`(pattern: String, type: String, isAllowed: Bool) throws {
        let limit = try AccessLimit(target: nil, operations: ["host.facts", pattern])

        #expect(limit.allows(operation: type) == isAllowed)
        #expect(limit.allows(operation: "host.facts"))
    }

    @Test(arguments: ["", "a b", "Ping", "a.*.b", "*.a", ".*", "ping\n"])
    func `what is no pattern is refused`(pattern: String) {
        let error = #expect(throws: AccessError.self) { try AccessLimit(target: nil, operations: [pattern]) }

        #expect(error?.code == .operations)
    }

    @Test(arguments: ["_any", "env=dev and sample(10%)", "env=", "a) or (b"])
    func `what is no fixed part of the fleet is no limit`(target: String) {
        let error = #expect(throws: AccessError.self) { try AccessLimit(target: target, operations: nil) }

        #expect(error?.code == .target)
    }

    @Test func `a target that chooses or asks for labels is narrowed, and any other stays`() throws {
        let limit = try AccessLimit(target: "env=dev or env=test", operations: nil)

        let any = try limit.narrowed(try TargetExpression(parsing: "_any and group=web"))
        let asking = try limit.narrowed(try TargetExpression(parsing: "not group=web or web-1"))
        let plain = try limit.narrowed(try TargetExpression(parsing: "web-* or not db-1"))

        #expect(any.text == "_any and group=web and (env=dev or env=test)")
        #expect(any.isAny)
        #expect(try any.select(from: [agent("a", ["env": "dev", "group": "web"])], seed: 1).count == 1)
        let production = agent("a", ["env": "prod", "group": "web"])
        #expect(throws: TargetError.self) { try any.select(from: [production], seed: 1) }
        #expect(asking.text == "(not group=web or web-1) and (env=dev or env=test)")
        #expect(plain.text == "web-* or not db-1")
    }

    @Test func `a key can hand on no more than it has`() throws {
        let own = try AccessLimit(target: "env=dev", operations: ["ping", "service.*"])

        let all = try own.limiting(.none)
        let less = try own.limiting(try AccessLimit(target: "group=web or env=prod", operations: ["service.restart"]))

        #expect(all == own)
        #expect(less.operations?.map(\.text) == ["service.restart"])
        #expect(less.allows(agent("a", ["env": "dev", "group": "web"])))
        #expect(!less.allows(agent("b", ["env": "prod", "group": "web"])))
        for more in ["*", "command.exec", "pin.*"] {
            #expect(throws: AccessError.self) { try own.limiting(try AccessLimit(target: nil, operations: [more])) }
        }
    }

    @Test func `scopes are granted by name or by admin`() {
        let some: Set<Scope> = [.jobRead, .jobWrite]

        #expect(some.grants(.jobWrite) && !some.grants(.jobCancel) && !some.grants(.admin))
        #expect(Scope.allCases.allSatisfy { Set([.admin]).grants($0) })
        #expect(some.covers([.jobRead]) && !some.covers([.jobRead, .keyWrite]) && !some.covers([.admin]))
    }

    @Test func `secrets differ, begin with their id and are hashed as a whole`() {
        let secrets = (0..<100).map { _ in KeySecret.random() }

        #expect(Set(secrets.map(\.text)).count == 100)
        #expect(secrets.allSatisfy { $0.text.hasPrefix($0.id + "_") && $0.text.utf8.count == 16 + 1 + 64 })
        #expect(secrets[0].hash == KeySecret.hash(secrets[0].text))
        // printf secret | sha256sum
        let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
        #expect(Hexadecimal.text(KeySecret.hash("secret")) == hash)
        #expect(Hexadecimal.bytes(hash.uppercased()) == KeySecret.hash("secret"))
        #expect(Hexadecimal.bytes("abc") == nil && Hexadecimal.bytes("zz") == nil)
    }
}
