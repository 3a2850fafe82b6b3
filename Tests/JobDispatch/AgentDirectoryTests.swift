// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Store
import Testing

struct AgentDirectoryTests {
    private let time = Timestamp(milliseconds: 1_790_000_000_000)
    private let now = ContinuousClock.now

    private func directory(_ hostnames: String...) -> AgentDirectory {
        let directory = AgentDirectory([], now: now)
        for hostname in hostnames { introduce(hostname, id: "id-\(hostname)", to: directory) }
        return directory
    }

    private func introduce(
        _ hostname: String,
        id: String,
        _ facts: [String: JSONValue] = [:],
        to directory: AgentDirectory
    ) {
        directory.introduced(
            AgentIntroduction(id: AgentID(id), hostname: hostname, labels: [:], facts: facts, version: ""),
            at: time,
            now: now
        )
    }

    @Test func `agents come by hostname`() {
        #expect(directory("c", "a", "b").agents().map(\.hostname) == ["a", "b", "c"])
    }

    @Test func `the catalogue has the plug-ins of the agents that are known, as most of them describe them`() {
        func plugin(_ summary: String) -> [String: JSONValue] {
            [
                "plugins": [
                    ["type": "acme.backup", "kind": "read", "summary": .string(summary), "schema": ["type": "object"]],
                    ["type": "ping", "kind": "read", "summary": "an impostor", "schema": ["type": "object"]],
                    ["type": "acme.broken", "kind": "read", "summary": "x", "schema": ["type": "object", "what": 1]],
                ]
            ]
        }
        let directory = directory("a")
        #expect(directory.catalogue["acme.backup"] == nil)

        introduce("a", id: "id-a", plugin("old"), to: directory)
        #expect(directory.catalogue["acme.backup"]?.summary == "old")
        #expect(directory.catalogue["ping"]?.summary != "an impostor")
        #expect(directory.catalogue["acme.broken"] == nil)

        introduce("b", id: "id-b", plugin("new"), to: directory)
        introduce("c", id: "id-c", plugin("new"), to: directory)
        #expect(directory.catalogue["acme.backup"]?.summary == "new")

        for id in ["id-b", "id-c"] { directory.forget(AgentID(id)) }
        #expect(directory.catalogue["acme.backup"]?.summary == "old")

        introduce("a", id: "id-a", to: directory)
        #expect(directory.catalogue["acme.backup"] == nil)
    }

    @Test func `connections are counted once`() {
        let directory = directory("a", "b")

        _ = directory.setConnected(AgentID("id-a"), true)
        _ = directory.setConnected(AgentID("id-a"), true)
        #expect(directory.counts == (known: 2, connected: 1))

        _ = directory.setConnected(AgentID("id-a"), false)
        _ = directory.setConnected(AgentID("unknown"), true)
        #expect(directory.counts == (known: 2, connected: 0))
    }

    @Test func `a new introduction keeps connection, deliveries and first sight`() {
        let directory = directory("a")
        _ = directory.setConnected(AgentID("id-a"), true)
        directory.delivering([AgentID("id-a"): 7])

        introduce("renamed", id: "id-a", to: directory)

        #expect(directory.agent(named: "a") == nil)
        #expect(directory.agent(named: "renamed")?.connected == true)
        #expect(directory.lastDelivery(of: AgentID("id-a")) == 7)
        #expect(directory.counts == (known: 1, connected: 1))
    }

    @Test func `another agent of the same hostname takes its place`() {
        let directory = directory("a")
        _ = directory.setConnected(AgentID("id-a"), true)

        introduce("a", id: "other", to: directory)

        #expect(directory.agent(named: "a")?.id == AgentID("other"))
        #expect(directory.counts == (known: 1, connected: 0))
    }

    @Test func `agents are found by their names in lower case, also after a change of name, of agent, and an end`() {
        let directory = directory("Web-1", "db-1", "gone")
        introduce("WEB-1", id: "twin", to: directory)
        let found = { (names: [String]) in Set(directory.agents(folded: names).map(\.id.text)) }

        #expect(found(["web-1", "db-1", "nobody"]) == ["id-Web-1", "twin", "id-db-1"])
        introduce("renamed", id: "id-Web-1", to: directory)
        introduce("db-1", id: "other", to: directory)
        directory.forget(AgentID("id-gone"))

        #expect(found(["web-1", "db-1", "gone"]) == ["twin", "other"])
        #expect(found(["renamed"]) == ["id-Web-1"])
        #expect(Set(directory.everyone().map(\.hostname)) == ["WEB-1", "renamed", "db-1"])
    }

    @Test func `a silent agent is named once a silence, a connected one never`() {
        let directory = directory("a", "b")
        _ = directory.setConnected(AgentID("id-b"), true)
        let later = now + .seconds(1)

        #expect(directory.newlySilent(since: now) == [])
        #expect(directory.newlySilent(since: later) == [AgentID("id-a")])
        directory.gaveUp([AgentID("id-a")])
        #expect(directory.newlySilent(since: later) == [])
        directory.heard(AgentID("id-a"), at: time, now: later)
        #expect(directory.newlySilent(since: later + .seconds(1)) == [AgentID("id-a")])
    }

    @Test func `an agent whose host starts again is named when the time for that is over`() {
        let directory = directory("a")
        let later = now + .seconds(1)

        directory.awaitReturns([AgentID("id-a"): now + .seconds(60)])
        #expect(directory.newlySilent(since: later, now: now + .seconds(59)) == [])
        #expect(directory.newlySilent(since: later, now: now + .seconds(60)) == [AgentID("id-a")])
        directory.heard(AgentID("id-a"), at: time, now: now)
        #expect(directory.newlySilent(since: later, now: now + .seconds(2)) == [AgentID("id-a")])
    }
}
