// SPDX-License-Identifier: Apache-2.0

/// A part of the controller that has something to measure.
///
/// It is asked each time that somebody reads the metrics, some times a minute. What it answers comes from what it has
/// counted or keeps at hand, without a search through what is stored.
package protocol MetricsSource: Sendable {
    /// What ``MetricsRegistry`` calls this part, in `snake_case`.
    var metricsName: String { get }

    /// What there is to tell now, the same families each time.
    ///
    /// - Throws: where it cannot be found out; then the others are told without it.
    func metrics() async throws -> [MetricFamily]
}
