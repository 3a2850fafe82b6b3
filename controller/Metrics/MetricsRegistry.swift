// SPDX-License-Identifier: Apache-2.0

/// All parts of the controller that measure, asked at once.
///
/// ```swift
/// let registry = MetricsRegistry([store, fleet, ProcessFigures()])
/// let text = PrometheusText.bytes(of: await registry.families())
/// ```
package struct MetricsRegistry: Sendable {
    private let sources: [any MetricsSource]

    /// Makes a registry.
    package init(_ sources: [any MetricsSource]) {
        self.sources = sources
    }

    /// What all parts tell now, by name.
    ///
    /// A part that fails is left out, and `broker_metrics_source_up` says so: when the store cannot be read, the other
    /// figures are wanted most.
    package func families() async -> [MetricFamily] {
        var families: [MetricFamily] = []
        var up: [(String, Int)] = []
        for source in sources {
            do {
                families += try await source.metrics()
                up.append((source.metricsName, 1))
            } catch {
                up.append((source.metricsName, 0))
            }
        }
        families.append(
            .gauge(
                "broker_metrics_source_up",
                "Whether a part of the controller could tell its metrics.",
                by: "source",
                up
            )
        )
        return families.sorted { $0.name < $1.name }
    }
}
