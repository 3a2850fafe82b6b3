// SPDX-License-Identifier: Apache-2.0

package import ControllerMetrics
package import Jobs
import Synchronization

/// Measures how long it takes from the submission of a job until its first run is sent to an agent.
///
/// It remembers the jobs of which nothing was sent yet, some of them: the memory is bounded, and the jobs that wait
/// longest, for hosts that are away, are forgotten where there are too many. Jobs that were submitted before the
/// controller was started are not measured.
package final class DispatchLatency: MetricsSource {
    package let metricsName = "dispatch"
    /// How many jobs are remembered, at least half of that.
    private let capacity: Int
    private let histogram = Histogram()
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        /// Jobs come into the young ones; when these are too many, they become the old ones.
        var young: [JobID: ContinuousClock.Instant] = [:]
        var old: [JobID: ContinuousClock.Instant] = [:]

        mutating func take(_ id: JobID) -> ContinuousClock.Instant? {
            young.removeValue(forKey: id) ?? old.removeValue(forKey: id)
        }
    }

    /// Makes a measurement without observations.
    ///
    /// - Parameter capacity: how many jobs are remembered at most.
    package init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    /// Notes that a job was committed and waits to be sent.
    func submitted(_ id: JobID, at instant: ContinuousClock.Instant) {
        waiting.withLock { waiting in
            if waiting.young.count >= capacity / 2 {
                waiting.old = waiting.young
                waiting.young = [:]
            }
            waiting.young[id] = instant
        }
    }

    /// Notes that runs of these jobs were sent; those that had been sent before change nothing.
    package func sent(_ ids: Set<JobID>, at instant: ContinuousClock.Instant = .now) {
        guard !ids.isEmpty else { return }
        let times = waiting.withLock { waiting in ids.compactMap { waiting.take($0) } }
        for time in times { histogram.observe(instant - time) }
    }

    /// The histogram.
    package func metrics() async throws -> [MetricFamily] {
        [
            histogram.family(
                "broker_dispatch_latency_seconds",
                "From the submission of a job until its first run was sent to an agent."
            )
        ]
    }
}
