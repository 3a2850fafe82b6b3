// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Fleet

/// Whose turn it is to get a piece of an object.
struct ObjectTrafficTests {
    private let start = ContinuousClock.now

    private func traffic(_ bytes: Int) -> ObjectTraffic<Int> {
        ObjectTraffic(maximumBytes: bytes, patience: .seconds(30))
    }

    private func question(_ agent: String, _ offset: Int64 = 0, length: Int = 10) -> ObjectTraffic<Int>.Question {
        .init(agent: AgentID(agent), sha256: "", offset: offset, length: length, address: 0)
    }

    @Test func `all get their pieces in turn`() {
        var traffic = traffic(1000)
        for agent in ["a", "b", "c"] { traffic.ask(question(agent)) }
        var served: [String] = []
        for round in 1...3 {
            for _ in 0..<3 {
                guard let next = traffic.next(now: start) else { break }
                served.append(next.agent.text)
                traffic.ask(question(next.agent.text, Int64(round)))
            }
        }
        #expect(served == ["a", "b", "c", "a", "b", "c", "a", "b", "c"])
    }

    @Test func `no more is on the way than there is room for, until it has arrived`() {
        var traffic = traffic(25)
        for agent in ["a", "b", "c"] { traffic.ask(question(agent)) }
        #expect(traffic.next(now: start)?.agent == AgentID("a"))
        #expect(traffic.next(now: start)?.agent == AgentID("b"))
        #expect(traffic.next(now: start) == nil)
        #expect(traffic.bytesOnTheWay == 20)

        // Who asks for the next piece has the last one.
        traffic.ask(question("a", 10))
        #expect(traffic.next(now: start)?.agent == AgentID("c"))
        #expect(traffic.next(now: start) == nil)
        traffic.arrived(AgentID("b"))
        #expect(traffic.next(now: start)?.offset == 10)
        traffic.forget(AgentID("a"))
        traffic.forget(AgentID("c"))
        #expect(traffic.bytesOnTheWay == 0)
        #expect(traffic.waitingCount == 0)
    }

    @Test func `a piece that never arrives gives its room back in time`() {
        var traffic = traffic(10)
        traffic.ask(question("a"))
        traffic.ask(question("b"))
        #expect(traffic.next(now: start) != nil)
        #expect(traffic.next(now: start + .seconds(29)) == nil)
        #expect(traffic.next(now: start + .seconds(30))?.agent == AgentID("b"))
    }

    @Test func `who asks twice is answered once, and who has gone is passed over`() {
        var traffic = traffic(1000)
        traffic.ask(question("a", 1))
        traffic.ask(question("b"))
        traffic.ask(question("a", 2))
        traffic.forget(AgentID("b"))
        #expect(traffic.next(now: start)?.offset == 2)
        #expect(traffic.next(now: start) == nil)
    }

    @Test func `a piece that is larger than the room goes by itself`() {
        var traffic = traffic(5)
        traffic.ask(question("a"))
        traffic.ask(question("b"))
        #expect(traffic.next(now: start)?.agent == AgentID("a"))
        #expect(traffic.next(now: start) == nil)
        traffic.arrived(AgentID("a"))
        #expect(traffic.next(now: start)?.agent == AgentID("b"))
    }

    @Test func `a long row is worked off`() {
        var traffic = traffic(1000)
        for number in 0..<5000 { traffic.ask(question("\(number)")) }
        for number in 0..<5000 {
            #expect(traffic.next(now: start)?.agent == AgentID("\(number)"))
            traffic.arrived(AgentID("\(number)"))
        }
        #expect(traffic.next(now: start) == nil)
    }
}
