// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ControllerMetrics

struct HistogramTests {
    @Test func `ranges add up, and a bound belongs to its range`() {
        let histogram = Histogram([.milliseconds(1), .milliseconds(10), .seconds(1)])
        for milliseconds in [0, 1, 2, 10, 999, 5000] { histogram.observe(.milliseconds(milliseconds)) }

        let samples = histogram.samples([.init("call", "getJob")])

        let buckets = samples.filter { $0.suffix == "_bucket" }
        #expect(buckets.map(\.value) == [2, 4, 5, 6])
        #expect(buckets.map { $0.labels.last?.value } == ["0.001", "0.01", "1", "+Inf"])
        #expect(samples.first { $0.suffix == "_count" }?.value == 6)
        #expect(samples.first { $0.suffix == "_sum" }?.value == 6.012)
        #expect(samples.allSatisfy { $0.labels.first == .init("call", "getJob") })
    }

    @Test func `a duration without measure neither traps nor goes back`() {
        let histogram = Histogram()

        histogram.observe(.seconds(-1))
        histogram.observe(.seconds(10_000_000))

        #expect(histogram.samples().last?.value == 2)
    }

    @Test func `no observation of many threads is lost`() async {
        let histogram = Histogram()
        let counter = LabelledCounter(["a", "b"])

        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<10_000 {
                        histogram.observe(.microseconds(number))
                        counter.add(of: number.isMultiple(of: 2) ? "a" : "c")
                    }
                }
            }
        }

        #expect(histogram.samples().last?.value == 80_000)
        #expect(counter["a"] == 40_000)
        #expect(counter["b"] == 0 && counter["c"] == 0)
    }
}
