// SPDX-License-Identifier: Apache-2.0

/// Which controller this is.
package struct BuildFigures: MetricsSource {
    package let metricsName = "build"
    private let version: String

    /// Makes a source.
    ///
    /// - Parameter version: the version of the controller.
    package init(version: String) {
        self.version = version
    }

    /// The version, as a label of a value that is always 1.
    package func metrics() async throws -> [MetricFamily] {
        [
            MetricFamily(
                "broker_build_info",
                "The version of the controller; always 1.",
                .gauge,
                [.init(1, [.init("version", version)])]
            )
        ]
    }
}
