// SPDX-License-Identifier: Apache-2.0

/// Sorts durations into ranges; from any thread, without a lock.
///
/// An observation is two additions to numbers that all threads share.
package final class Histogram: Sendable {
    /// The upper bounds of the ranges.
    private let bounds: [Duration]
    /// One more than there are bounds: the last one has no end.
    private let ranges: [Counter]
    /// In nanoseconds, which last for centuries.
    private let sum = Counter()

    /// Bounds for what takes milliseconds where all is well: 0.5 ms to 60 s.
    package static let latencies: [Duration] = [
        .microseconds(500), .milliseconds(1), .microseconds(2500), .milliseconds(5), .milliseconds(10),
        .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1),
        .milliseconds(2500), .seconds(5), .seconds(10), .seconds(30), .seconds(60),
    ]

    /// Makes a histogram without observations.
    ///
    /// - Parameter bounds: the upper bounds of the ranges, each of which belongs to its range, in rising order.
    package init(_ bounds: [Duration] = Histogram.latencies) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds rise")
        self.bounds = bounds
        ranges = (0...bounds.count).map { _ in Counter() }
    }

    /// Takes in a duration.
    package func observe(_ duration: Duration) {
        let place = bounds.firstIndex { duration <= $0 } ?? bounds.count
        ranges[place].add()
        sum.add(Int(clamping: duration.wholeNanoseconds))
    }

    /// Takes in how long it is since an instant.
    package func observe(since start: ContinuousClock.Instant) {
        observe(ContinuousClock.now - start)
    }

    /// All that was observed, in seconds.
    ///
    /// - Parameter labels: what tells it from others of its family.
    /// - Returns: the ranges, each with all that is below it, then sum and number.
    package func samples(_ labels: [MetricFamily.Label] = []) -> [MetricFamily.Sample] {
        var samples: [MetricFamily.Sample] = []
        // First the sum: an observation that comes meanwhile is in the numbers at most.
        let seconds = Double(sum.value) / 1e9
        var number = 0
        for (place, range) in ranges.enumerated() {
            number += range.value
            let bound = place < bounds.count ? PrometheusText.number(bounds[place].inSeconds) : "+Inf"
            samples.append(.init(Double(number), labels + [.init("le", bound)], suffix: "_bucket"))
        }
        samples.append(.init(seconds, labels, suffix: "_sum"))
        samples.append(.init(Double(number), labels, suffix: "_count"))
        return samples
    }

    /// The family of this histogram alone.
    package func family(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name, help, .histogram, samples())
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, rest) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ rest / 1_000_000_000
    }

    fileprivate var inSeconds: Double {
        let (seconds, rest) = components
        return Double(seconds) + Double(rest) / 1e18
    }
}
