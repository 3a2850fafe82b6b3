// SPDX-License-Identifier: Apache-2.0

import Jobs
import NNG
import Testing
import Wire

@testable import Fleet

struct SessionTests {
    private let now = ContinuousClock.now
    private let agent = AgentID("a")
    private let first = PipeID(rawValue: 1)
    private let second = PipeID(rawValue: 2)

    private func poll(_ sequence: UInt64, held: UInt64 = 0, instance: String = "i") -> Poll {
        Poll(instance: instance, storeID: "s", held: held, active: [], sequence: sequence)
    }

    private func park(
        _ table: inout SessionTable<Int>,
        _ poll: Poll,
        _ pipe: PipeID,
        _ address: Int,
        reports: [Int64] = []
    ) {
        if case .accept = table.polled(agent, poll, pipe: pipe, now: now) {
            table.park(ParkedPoll(address: address, reports: reports, since: now), of: agent)
        }
    }

    private func greeted() -> SessionTable<Int> {
        var table = SessionTable<Int>()
        table.pipeAdded(first, of: AgentIdentity(id: agent, hostname: nil))
        table.greeted(agent, instance: "i", pipe: first, heartbeat: .seconds(30), now: now)
        return table
    }

    @Test func `a poll without a hello is asked to introduce itself`() {
        var table = SessionTable<Int>()
        table.pipeAdded(first, of: AgentIdentity(id: agent, hostname: nil))

        #expect(table.polled(agent, poll(1), pipe: first, now: now) == .introduce)
    }

    @Test func `a poll of another instance is asked to introduce itself`() {
        var table = greeted()

        #expect(table.polled(agent, poll(1, instance: "j"), pipe: first, now: now) == .introduce)
    }

    @Test func `what an agent holds is news once`() {
        var table = greeted()

        #expect(table.polled(agent, poll(1), pipe: first, now: now) == .accept(news: true))
        #expect(table.polled(agent, poll(2), pipe: first, now: now) == .accept(news: false))
        #expect(table.polled(agent, poll(3, held: 4), pipe: first, now: now) == .accept(news: true))
    }

    @Test func `a poll that was overtaken is dropped and the newer one stays parked`() {
        var table = greeted()
        park(&table, poll(2, held: 4), first, 2)

        #expect(table.polled(agent, poll(1), pipe: first, now: now) == .drop)

        #expect(table.takeAll(now: now).map(\.address) == [2])
    }

    @Test func `the same poll sent again on another pipe takes the place of the first`() {
        var table = greeted()
        park(&table, poll(1), first, 1)
        table.pipeAdded(second, of: AgentIdentity(id: agent, hostname: nil))

        #expect(table.polled(agent, poll(1), pipe: second, now: now) == .accept(news: false))
        table.park(ParkedPoll(address: 2, since: now), of: agent)

        #expect(table.pipeRemoved(first) == nil, "the agent is connected by the other pipe")
        #expect(table.takeAll(now: now).map(\.address) == [2])
    }

    @Test func `a parked poll is taken for work only when there is some`() {
        var table = greeted()
        park(&table, poll(1, held: 4), first, 1)

        #expect(table.takeForWork([agent], now: now, lastDelivery: { _ in 4 }).isEmpty)
        #expect(table.takeForWork([agent], now: now, lastDelivery: { _ in 5 }).map(\.address) == [1])
        #expect(table.takeForWork([agent], now: now, lastDelivery: { _ in 5 }).isEmpty, "it was answered")
    }

    @Test func `a poll for which the store had nothing is parked again and asked about once`() throws {
        var table = greeted()
        park(&table, poll(1, held: 4), first, 1)
        let taken = try #require(table.takeForWork([agent], now: now, lastDelivery: { _ in 5 }).first)

        table.parkAgain(taken, settled: 5)

        #expect(table.takeForWork([agent], now: now, lastDelivery: { _ in 5 }).isEmpty)
        #expect(table.takeForWork([agent], now: now, lastDelivery: { _ in 6 }).count == 1)
    }

    @Test func `a poll keeps the reports that it carried until it is answered`() throws {
        var table = greeted()
        park(&table, poll(1), first, 1, reports: [7, 8])
        let taken = try #require(table.takeAll(now: now).first)
        #expect(taken.parked.reports == [7, 8])

        table.parkAgain(taken, settled: 0)

        #expect(table.takeAll(now: now).map(\.parked.reports) == [[7, 8]])
    }

    @Test func `a poll that came meanwhile is not replaced by one that is parked again`() throws {
        var table = greeted()
        park(&table, poll(1), first, 1)
        let taken = try #require(table.takeAll(now: now).first)
        park(&table, poll(2), first, 2)

        table.parkAgain(taken, settled: 0)

        #expect(table.takeAll(now: now).map(\.address) == [2])
    }

    @Test func `a poll is overdue after the heartbeat interval`() {
        var table = greeted()
        park(&table, poll(1), first, 1)

        #expect(table.takeOverdue(now: now + .seconds(29)).isEmpty)
        #expect(table.takeOverdue(now: now + .seconds(30)).map(\.address) == [1])
    }

    @Test func `an agent that was told another heartbeat interval is answered within that`() {
        var table = greeted()
        table.told(.seconds(60), to: agent)
        park(&table, poll(1), first, 1)

        #expect(table.takeOverdue(now: now + .seconds(59)).isEmpty)
        #expect(table.takeOverdue(now: now + .seconds(60)).map(\.heartbeat) == [.seconds(60)])
    }

    @Test func `a session that was answered and stays silent is dropped once`() {
        var table = greeted()
        park(&table, poll(1), first, 1)
        #expect(
            table.dropSilent(since: now + .seconds(9), challengedBefore: now - .seconds(3600)).isEmpty,
            "a parked poll is no silence"
        )
        _ = table.takeAll(now: now + .seconds(1))

        #expect(table.dropSilent(since: now, challengedBefore: now - .seconds(3600)).isEmpty)
        #expect(
            table.dropSilent(since: now + .seconds(1), challengedBefore: now - .seconds(3600)).map(\.pipe) == [first]
        )
        #expect(table.dropSilent(since: now + .seconds(1), challengedBefore: now - .seconds(3600)).isEmpty)
        #expect(table.pipeRemoved(first) == nil, "it was disconnected already")
    }

    @Test func `a removed pipe disconnects its session and forgets its poll`() {
        var table = greeted()
        park(&table, poll(1), first, 1)

        #expect(table.pipeRemoved(first) == agent)

        #expect(table.takeAll(now: now).isEmpty)
        #expect(table.pipeCount == 0)
    }

    @Test func `of many like events one a second is logged, with the number of those left out`() {
        let throttle = LogThrottle()

        #expect(throttle.pass(now: now) == 0)
        #expect(throttle.pass(now: now) == nil)
        #expect(throttle.pass(now: now + .milliseconds(999)) == nil)
        #expect(throttle.pass(now: now + .seconds(1)) == 2)
    }

    @Test func `a host is called as its certificate says, or by the first label of that`() {
        let identity = AgentIdentity(id: agent, hostname: "web-1.Example.com")

        #expect(identity.mayBeCalled("web-1.example.com"))
        #expect(identity.mayBeCalled("WEB-1"))
        #expect(!identity.mayBeCalled("web-10"))
        #expect(!identity.mayBeCalled("web"))
        #expect(AgentIdentity(id: agent, hostname: nil).mayBeCalled("anything"))
        let joined = AgentIdentity(id: agent, hostname: "web-1.example.com", isNameExact: true)
        #expect(joined.mayBeCalled("WEB-1.example.com"))
        #expect(!joined.mayBeCalled("web-1"))
    }

    @Test func `a session that is challenged and does not poll is dropped, and one that polls is not`() {
        var table = greeted()
        _ = table.polled(agent, poll(1, held: 4), pipe: first, now: now)
        table.park(ParkedPoll(address: 1, since: now), of: agent)

        #expect(table.challenge(agent, now: now)?.address == 1)
        _ = table.challenge(agent, now: now + .seconds(5))
        let hour = Duration.seconds(3600)
        #expect(table.dropSilent(since: now - hour, challengedBefore: now - .seconds(1)).isEmpty)
        var other = table
        _ = other.polled(agent, poll(2, held: 4), pipe: first, now: now + .seconds(6))

        #expect(other.dropSilent(since: now - hour, challengedBefore: now + .seconds(10)).isEmpty)
        #expect(table.dropSilent(since: now - hour, challengedBefore: now).map(\.pipe) == [first])
    }

    @Test func `what could not be stored is news again`() {
        var table = greeted()
        _ = table.polled(agent, poll(1, held: 4), pipe: first, now: now)

        table.notStored(agent)

        #expect(table.polled(agent, poll(2, held: 4), pipe: first, now: now) == .accept(news: true))
    }
}
