// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Fleet

struct GreetingPaceTests {
    private let start = ContinuousClock.now

    private func taken(_ pace: inout GreetingPace, of count: Int, at time: Duration) -> Int {
        (0..<count).count { _ in pace.decide(missing: 0, random: 0, now: start + time) == .take }
    }

    @Test func `after a pause as many as come in a second are taken at once, and one more`() {
        var pace = GreetingPace(perSecond: 10)

        #expect(taken(&pace, of: 100, at: .zero) == 11)
        #expect(taken(&pace, of: 100, at: .seconds(60)) == 11, "a longer pause saves nothing up")
    }

    @Test func `then one is taken for each share of a second that has passed`() {
        var pace = GreetingPace(perSecond: 10)
        _ = taken(&pace, of: 100, at: .zero)

        #expect(taken(&pace, of: 5, at: .milliseconds(99)) == 0)
        #expect(taken(&pace, of: 5, at: .milliseconds(100)) == 1)
        #expect(taken(&pace, of: 50, at: .milliseconds(400)) == 3)
    }

    @Test func `over a long time no more come in than the pace says, however many ask`() {
        var pace = GreetingPace(perSecond: 10)

        let all = (0..<6000).map { taken(&pace, of: 3, at: .milliseconds($0 * 10)) }

        #expect((600...611).contains(all.reduce(0, +)))
    }

    @Test func `who is refused comes back spread over the time that all who are missing need`() {
        func pause(missing: Int, random: Double) -> GreetingPace.Decision {
            var pace = GreetingPace(perSecond: 100)
            _ = taken(&pace, of: 1000, at: .zero)
            return pace.decide(missing: missing, random: random, now: start)
        }

        #expect(pause(missing: 3000, random: 0) == .comeBack(after: .seconds(1)))
        #expect(pause(missing: 3000, random: 0.5) == .comeBack(after: .seconds(16)))
        #expect(
            pause(missing: 0, random: 0.5) == .comeBack(after: .milliseconds(1005)),
            "agents that are not known yet"
        )
    }

    @Test func `a refusal costs the next one nothing`() {
        var pace = GreetingPace(perSecond: 10)
        _ = taken(&pace, of: 1_000_000, at: .zero)

        #expect(taken(&pace, of: 1, at: .milliseconds(100)) == 1)
    }
}

struct HeartbeatStretchTests {
    @Test(
        arguments: [
            (0, .seconds(30)), (15_000, .seconds(30)), (20_000, .seconds(40)), (50_000, .seconds(100)),
            (200_000, .seconds(100)),
        ] as [(Int, Duration)]
    )
    func `the interval stretches with the fleet, up to a bound`(agents: Int, interval: Duration) {
        #expect(FleetConfiguration().heartbeat(agents: agents) == interval)
    }

    @Test func `an interval that is set longer than the bound stays`() {
        var configuration = FleetConfiguration()
        configuration.heartbeat = .seconds(300)

        #expect(configuration.heartbeat(agents: 200_000) == .seconds(300))
    }
}
