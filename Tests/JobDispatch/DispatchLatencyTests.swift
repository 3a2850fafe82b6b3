// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import Jobs
import Testing

@testable import JobDispatch

struct DispatchLatencyTests {
    private let start = ContinuousClock.now

    private func id(_ number: UInt64) -> JobID {
        var generator = JobIDGenerator(above: nil)
        return generator.next(at: Timestamp(milliseconds: 1_800_000_000_000 + Int64(number)), random: number)
    }

    /// How many were measured, and their sum in seconds.
    private func measured(_ latency: DispatchLatency) async throws -> [Double] {
        let samples = try await latency.metrics().flatMap(\.samples)
        return ["_count", "_sum"].compactMap { suffix in samples.first { $0.suffix == suffix }?.value }
    }

    @Test func `a job is measured once, when its first run is sent`() async throws {
        let latency = DispatchLatency()
        latency.submitted(id(1), at: start)
        latency.submitted(id(2), at: start)

        latency.sent([id(1)], at: start + .milliseconds(500))
        latency.sent([id(1), id(3)], at: start + .seconds(9))
        latency.sent([id(2)], at: start + .milliseconds(1500))

        #expect(try await measured(latency) == [2, 2])
    }

    @Test func `of too many jobs that wait the oldest are forgotten`() async throws {
        let latency = DispatchLatency(capacity: 10)
        for number in 1...20 { latency.submitted(id(UInt64(number)), at: start) }

        latency.sent(Set((1...10).map(id)), at: start + .seconds(1))
        #expect(try await measured(latency) == [0, 0])
        latency.sent(Set((11...20).map(id)), at: start + .seconds(1))
        #expect(try await measured(latency) == [10, 10])
    }
}
