// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Testing

@testable import API

struct RateLimiterTests {
    private let start = ContinuousClock.now

    private func isAllowed(_ decision: RateLimiter<String>.Decision) -> Bool {
        if case .allowed = decision { return true }
        return false
    }

    @Test func `a quota is there at once, and comes back over its window`() {
        var limiter = RateLimiter<String>(Quota(limit: 6, window: .seconds(60)), capacity: 10)

        let first = (0..<6).map { _ in limiter.take("a", now: start) }
        #expect(first[0] == .allowed(.init(count: 5, reset: .seconds(10))))
        #expect(first[5] == .allowed(.init(count: 0, reset: .seconds(60))))
        #expect(limiter.take("a", now: start) == .refused(after: .seconds(10)))
        #expect(limiter.take("a", now: start + .seconds(9)) == .refused(after: .seconds(1)))
        #expect(isAllowed(limiter.take("a", now: start + .seconds(10))))
        #expect(limiter.take("a", now: start + .seconds(10)) == .refused(after: .seconds(10)))
        #expect((0..<6).allSatisfy { _ in isAllowed(limiter.take("a", now: start + .seconds(1000))) })
    }

    @Test func `what is refused costs nothing`() {
        var limiter = RateLimiter<String>(Quota(limit: 1, window: .seconds(60)), capacity: 10)
        _ = limiter.take("a", now: start)

        for second in 1..<60 { #expect(!isAllowed(limiter.take("a", now: start + .seconds(second)))) }
        #expect(isAllowed(limiter.take("a", now: start + .seconds(60))))
    }

    @Test func `keys have buckets of their own`() {
        var limiter = RateLimiter<String>(Quota(limit: 1, window: .seconds(60)), capacity: 10)

        #expect(isAllowed(limiter.take("a", now: start)) && isAllowed(limiter.take("b", now: start)))
        #expect(!isAllowed(limiter.take("a", now: start)))
    }

    @Test func `however many keys come, no more are remembered, and those that are full again make room`() {
        var limiter = RateLimiter<String>(Quota(limit: 1, window: .seconds(60)), capacity: 100)

        let allowed = (0..<10_000).count { isAllowed(limiter.take("k\($0)", now: start)) }

        #expect(allowed == 100 && limiter.size == 100)
        #expect(!isAllowed(limiter.take("new", now: start + .seconds(59))))
        #expect(isAllowed(limiter.take("new", now: start + .seconds(61))))
        #expect(limiter.size == 1)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8:1:2::6", "2001:db8:1:2"), ("2001:db8::1:2:3:4", "2001:db8:0:0"), ("::1", "0:0:0:0"),
        ("fe80::1%eth0", "fe80:0:0:0"), ("2001:db8::", "2001:db8:0:0"),
    ])
    func `an address of IPv6 counts with its network`(address: String, group: String) {
        #expect(AddressGroup.of(address) == group)
    }
}

struct RefusalLogTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func attempt(_ address: String, code: String = "unauthorized") -> AuditEntry {
        AuditEntry(time: now, action: "listJobs", outcome: .refused, code: code, address: address)
    }

    @Test func `the first attempts of a source are written, and the others become one line`() {
        var log = RefusalLog()

        let written = (0..<1000).count { _ in log.take(attempt("192.0.2.7")) }
        let other = log.take(attempt("192.0.2.8"))
        let lines = log.endRound(at: now)

        #expect(written == RefusalLog.linesOfSource && other)
        #expect(lines.count == 1)
        #expect(lines[0].count == 1000 - written && lines[0].address == "192.0.2.7" && lines[0].code == "unauthorized")
        let isNewRound = log.take(attempt("192.0.2.7"))
        #expect(isNewRound)
    }

    @Test func `however many sources there are, the lines of a round are bounded, and no attempt is lost`() {
        var log = RefusalLog()

        let written = (0..<100_000).count { log.take(attempt("10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)")) }
        let lines = log.endRound(at: now)

        #expect(written <= RefusalLog.lines && lines.count <= RefusalLog.sources + 1)
        #expect(written + lines.reduce(0) { $0 + $1.count } == 100_000)
        #expect(log.endRound(at: now).isEmpty)
    }
}
