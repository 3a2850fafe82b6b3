// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Enrolment

struct AddressPaceTests {
    private let start = ContinuousClock.now

    @Test func `an address may spend as often as the burst says, and then once for each share of time`() {
        var pace = AddressPace(burst: 3, perSecond: 0.5)
        var allowed: [Bool] = []
        for _ in 0..<3 {
            allowed.append(pace.mayTry("a", now: start))
            pace.spend("a", now: start)
        }

        allowed += [0, 1, 2].map { pace.mayTry("a", now: start + .seconds($0)) }
        allowed.append(pace.mayTry("b", now: start))

        #expect(allowed == [true, true, true, false, false, true, true])
    }

    @Test func `to be allowed costs nothing`() {
        var pace = AddressPace(burst: 1, perSecond: 1)

        let allowed = (0..<1000).map { _ in pace.mayTry("a", now: start) }

        #expect(!allowed.contains(false))
    }

    @Test func `no more addresses are remembered than fit, and those that have paid are forgotten`() {
        var pace = AddressPace(burst: 2, perSecond: 1, maximumAddresses: 100)
        for number in 0..<100 { pace.spend("\(number)", now: start) }

        let now = pace.mayTry("stranger", now: start)
        let later = pace.mayTry("stranger", now: start + .seconds(1))

        #expect(!now && later && pace.count == 0)
    }

    @Test func `hosts that wait may ask far more often than those that are refused`() {
        var pace = EnrolmentPace()
        for _ in 0..<60 { pace.repeated("a", now: start) }
        for _ in 0..<10 { pace.refused("b", now: start) }

        let (waiting, refused) = (pace.mayTry("a", now: start), pace.mayTry("b", now: start))
        for _ in 0..<60 { pace.repeated("a", now: start) }
        let flooding = pace.mayTry("a", now: start)

        #expect(waiting && !refused && !flooding)
    }
}
