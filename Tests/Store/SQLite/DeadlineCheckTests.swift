// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Store

/// The pure rule for which deadline comes next.
struct DeadlineCheckTests {
    private let check = DeadlineCheck(deadlineAt: .at(60), hardEndAt: .at(200), lease: .seconds(30))

    @Test func `the deadline, a lease later, and the hard end follow each other`() {
        #expect(check.due(at: .at(59)) == .nothing && check.next(after: .at(59), hasPending: true) == .at(60))
        #expect(check.due(at: .at(60)) == .unoffered && check.next(after: .at(60), hasPending: true) == .at(90))
        #expect(check.next(after: .at(60), hasPending: false) == .at(200))
        #expect(check.due(at: .at(90)) == .pending && check.next(after: .at(90), hasPending: false) == .at(200))
        #expect(check.due(at: .at(200)) == .open)
    }

    @Test(arguments: [0, 30, 1000], [10, 60, 75, 5000])
    func `the next check lies ahead until everything is due`(lease: Int, hardEnd: Int) {
        let check = DeadlineCheck(deadlineAt: .at(60), hardEndAt: .at(hardEnd), lease: .seconds(lease))
        var now = Timestamp.at(0)
        var checks = 0

        while check.due(at: now) != .open {
            let next = check.next(after: now, hasPending: true)
            #expect(next > now)
            now = max(next, now)
            checks += 1
            guard checks < 5 else { break }
        }

        #expect(checks <= 3 && now >= .at(hardEnd))
    }
}
