// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

struct ProcessStateMachineTests {
    private func machine() -> ProcessStateMachine {
        ProcessStateMachine(timeout: .seconds(10), grace: .seconds(5), drain: .seconds(1))
    }

    @Test func `an exit with the output at its end finishes`() {
        var machine = machine()

        #expect(machine.wakeUp == .seconds(10))
        #expect(machine.handle(.outputEnded, at: .seconds(1)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(2)) == [.finish])
        #expect(machine.wakeUp == nil)
        #expect(machine.ending == nil)
    }

    @Test func `an open output is waited for until the drain is over`() {
        var machine = machine()

        #expect(machine.handle(.exited, at: .seconds(2)).isEmpty)
        #expect(machine.wakeUp == .seconds(3))
        #expect(machine.handle(.tick, at: .milliseconds(2500)).isEmpty)
        #expect(machine.handle(.cancelled, at: .milliseconds(2600)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(3)) == [.finish])
        #expect(machine.ending == nil)
    }

    @Test func `an exit that is heard of after the limit was past it`() {
        var machine = machine()

        #expect(machine.handle(.outputEnded, at: .seconds(25)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(25)) == [.finish])
        #expect(machine.ending == .timedOut)
    }

    @Test func `the ladder goes from TERM to KILL to giving up`() {
        var machine = machine()

        #expect(machine.handle(.tick, at: .milliseconds(9900)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(10)) == [.terminateGroup])
        #expect(machine.handle(.cancelled, at: .seconds(11)).isEmpty)
        #expect(machine.handle(.tick, at: .milliseconds(14_900)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(15)) == [.killGroup])
        #expect(machine.wakeUp == .seconds(25))
        #expect(machine.handle(.tick, at: .seconds(25)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(26)) == [.finish])
        #expect(machine.ending == .timedOut)
        #expect(!machine.hasExited)
    }

    @Test func `the group is asked after until it is empty`() {
        var machine = machine()

        #expect(machine.handle(.cancelled, at: .seconds(1)) == [.terminateGroup])
        #expect(machine.handle(.exited, at: .milliseconds(1200)) == [.askAfterGroup])
        #expect(machine.handle(.groupAnswered(isEmpty: false), at: .milliseconds(1200)).isEmpty)
        #expect(machine.wakeUp == .milliseconds(1300))
        #expect(machine.handle(.tick, at: .milliseconds(1300)) == [.askAfterGroup])
        #expect(machine.handle(.outputEnded, at: .milliseconds(1300)).isEmpty)
        #expect(machine.handle(.groupAnswered(isEmpty: true), at: .milliseconds(1300)) == [.finish])
        #expect(machine.ending == .cancelled)
    }

    @Test func `a member left after the grace is killed`() {
        var machine = machine()

        #expect(machine.handle(.cancelled, at: .seconds(1)) == [.terminateGroup])
        #expect(machine.handle(.exited, at: .seconds(1)) == [.askAfterGroup])
        #expect(machine.handle(.groupAnswered(isEmpty: false), at: .seconds(1)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(6)) == [.killGroup])
        #expect(machine.handle(.tick, at: .milliseconds(6100)) == [.askAfterGroup])
        #expect(machine.handle(.groupAnswered(isEmpty: true), at: .milliseconds(6100)).isEmpty)
        #expect(machine.handle(.outputEnded, at: .milliseconds(6100)) == [.finish])
    }

    @Test(arguments: 0..<200) func `any order of events ends in bounded time`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var machine = machine()
        var now = Duration.zero
        var finishes = 0
        var signals: [ProcessStateMachine.Action] = []
        while let wakeUp = machine.wakeUp {
            let events: [ProcessStateMachine.Event] = [
                .tick, .cancelled, .exited, .outputEnded, .groupAnswered(isEmpty: random.next() % 4 == 0),
            ]
            let event = random.next() % 3 == 0 ? events[Int(random.next() % 5)] : .tick
            now = event == .tick ? max(now, wakeUp) : now
            for action in machine.handle(event, at: now) {
                if action == .finish { finishes += 1 }
                if action == .terminateGroup || action == .killGroup { signals.append(action) }
            }
            #expect(now <= .seconds(10 + 5 + 10 + 1), "seed \(seed)")
            if now > .seconds(30) { break }
        }

        #expect(finishes == 1, "seed \(seed)")
        #expect(signals == Array([.terminateGroup, .killGroup].prefix(signals.count)), "seed \(seed)")
        #expect((machine.ending == nil) == signals.isEmpty, "seed \(seed)")
    }
}

/// A generator with a seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
