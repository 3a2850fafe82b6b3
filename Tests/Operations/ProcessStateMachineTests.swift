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
        #expect(machine.handle(.exited, at: .seconds(2)) == [.release, .finish])
        #expect(machine.wakeUp == nil)
        #expect(machine.ending == nil)
        #expect(machine.isOver)
    }

    @Test func `an open output is waited for until the drain is over`() {
        var machine = machine()

        #expect(machine.handle(.exited, at: .seconds(2)) == [.release])
        #expect(machine.wakeUp == .seconds(3))
        #expect(machine.handle(.tick, at: .milliseconds(2500)).isEmpty)
        #expect(machine.handle(.cancelled(grace: nil), at: .milliseconds(2600)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(3)) == [.finish])
        #expect(machine.ending == nil)
    }

    @Test func `an exit that is heard of after the limit was past it`() {
        var machine = machine()

        #expect(machine.handle(.outputEnded, at: .seconds(25)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(25)) == [.terminate])
        #expect(machine.handle(.signalled(count: 0), at: .seconds(25)) == [.release, .finish])
        #expect(machine.ending == .timedOut)
        #expect(machine.stop == nil)
    }

    @Test func `an exit before anything was sent for a cancellation is an exit by itself`() {
        var machine = machine()

        #expect(machine.handle(.cancelled(grace: nil), at: .seconds(1)) == [.terminate])
        #expect(machine.handle(.signalled(count: 0), at: .seconds(1)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(1)) == [.release])
        #expect(machine.ending == nil)
    }

    @Test func `the ladder goes from TERM to KILL to giving up`() {
        var machine = machine()

        #expect(machine.handle(.tick, at: .milliseconds(9900)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(10)) == [.terminate])
        #expect(machine.handle(.signalled(count: 3), at: .seconds(10)).isEmpty)
        #expect(machine.stop == .terminated)
        #expect(machine.handle(.cancelled(grace: nil), at: .seconds(11)).isEmpty)
        #expect(machine.handle(.tick, at: .milliseconds(14_900)).isEmpty)
        #expect(machine.handle(.tick, at: .milliseconds(15_002)) == [.kill])
        #expect(machine.stop == .killed(after: .seconds(5)))
        #expect(machine.wakeUp == .milliseconds(25_002))
        #expect(machine.handle(.tick, at: .seconds(26)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(27)) == [.finish])
        #expect(machine.ending == .timedOut)
        #expect(!machine.hasExited)
        #expect(machine.hasGivenUp)
        #expect(!machine.isOver)
    }

    @Test func `a run is over when nobody is left, not when its program has ended`() {
        var machine = machine()

        #expect(machine.handle(.cancelled(grace: nil), at: .seconds(1)) == [.terminate])
        #expect(machine.handle(.signalled(count: 2), at: .seconds(1)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(2)).isEmpty)
        #expect(machine.handle(.outputEnded, at: .seconds(2)).isEmpty)
        #expect(machine.handle(.vanished, at: .seconds(3)) == [.finish])
        #expect(machine.ending == .cancelled)
        #expect(machine.stop == .terminated)
    }

    @Test func `who is left after the grace is killed`() {
        var machine = machine()

        #expect(machine.handle(.cancelled(grace: .seconds(2)), at: .seconds(1)) == [.terminate])
        #expect(machine.handle(.signalled(count: 2), at: .seconds(1)).isEmpty)
        #expect(machine.handle(.exited, at: .seconds(1)).isEmpty)
        #expect(machine.handle(.tick, at: .seconds(3)) == [.kill])
        #expect(machine.handle(.vanished, at: .milliseconds(3100)).isEmpty)
        #expect(machine.handle(.outputEnded, at: .milliseconds(3100)) == [.finish])
        #expect(machine.stop == .killed(after: .seconds(2)))
        #expect(!machine.hasGivenUp)
    }

    @Test func `without a grace KILL comes at once`() {
        var machine = machine()

        #expect(machine.handle(.cancelled(grace: .zero), at: .seconds(1)) == [.kill])
        #expect(machine.stop == .killed(after: nil))
    }

    @Test func `a second order counts if it leaves less time`() {
        var machine = machine()

        #expect(machine.handle(.cancelled(grace: .seconds(60)), at: .seconds(1)) == [.terminate])
        #expect(machine.handle(.cancelled(grace: .seconds(100)), at: .seconds(2)).isEmpty)
        #expect(machine.wakeUp == .seconds(61))
        #expect(machine.handle(.cancelled(grace: nil), at: .seconds(3)).isEmpty)
        #expect(machine.wakeUp == .seconds(8))
        #expect(machine.handle(.cancelled(grace: .zero), at: .seconds(4)) == [.kill])
        #expect(machine.handle(.cancelled(grace: .zero), at: .seconds(5)).isEmpty)
        #expect(machine.stop == .killed(after: .seconds(3)))
        #expect(machine.ending == .cancelled)
    }

    @Test func `a run is left running only if it is not being ended`() {
        var machine = machine()
        var ended = machine

        #expect(machine.handle(.left, at: .seconds(1)) == [.leave, .finish])
        #expect(machine.ending == .left)
        #expect(!machine.isOver)
        #expect(ended.handle(.cancelled(grace: nil), at: .seconds(1)) == [.terminate])
        #expect(ended.handle(.left, at: .seconds(1)).isEmpty)
    }

    @Test func `a supervisor that somebody has killed leaves the end unknown`() {
        var machine = machine()

        #expect(machine.handle(.vanished, at: .seconds(1)).isEmpty)
        #expect(machine.handle(.outputEnded, at: .seconds(1)) == [.finish])
        #expect(machine.ending == nil)
        #expect(!machine.hasExited)
        #expect(machine.isOver)
    }

    @Test(arguments: 0..<200) func `any order of events ends in bounded time`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var machine = machine()
        var now = Duration.zero
        var finishes = 0
        var signals: [ProcessStateMachine.Action] = []
        while let wakeUp = machine.wakeUp {
            let grace = Duration.seconds(Int64(random.next() % 7))
            let events: [ProcessStateMachine.Event] = [
                .tick, .cancelled(grace: grace), .exited, .outputEnded, .vanished,
            ]
            let event = random.next() % 3 == 0 ? events[Int(random.next() % 5)] : .tick
            now = event == .tick ? max(now, wakeUp) : now
            var actions = machine.handle(event, at: now)
            while !actions.isEmpty {
                let action = actions.removeFirst()
                if action == .finish { finishes += 1 }
                if action == .kill { signals.append(action) }
                guard action == .terminate else { continue }
                signals.append(action)
                actions += machine.handle(.signalled(count: Int(random.next() % 2)), at: now)
            }
            #expect(now <= .seconds(10 + 6 + 10 + 1), "seed \(seed)")
            if now > .seconds(30) { break }
        }

        #expect(finishes == 1, "seed \(seed)")
        #expect(signals == [] || signals == [.terminate] || signals.last == .kill && signals.count <= 2, "seed \(seed)")
        #expect(signals.last != .kill || machine.stop != nil, "seed \(seed)")
        if machine.stop != nil { #expect(machine.ending != nil, "seed \(seed)") }
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
