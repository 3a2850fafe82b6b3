// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ControllerMetrics

struct PrometheusTextTests {
    private func text(_ families: MetricFamily...) -> String {
        String(decoding: PrometheusText.bytes(of: families), as: UTF8.self)
    }

    @Test func `a family is its help, its type and its values`() {
        let counts = [("failed", 2), ("completed", 40)]
        let jobs = MetricFamily.gauge("broker_jobs", "Jobs, by status.", by: "status", counts)

        #expect(
            text(jobs, .counter("broker_x_total", "X.", 7)) == """
                # HELP broker_jobs Jobs, by status.
                # TYPE broker_jobs gauge
                broker_jobs{status="failed"} 2
                broker_jobs{status="completed"} 40
                # HELP broker_x_total X.
                # TYPE broker_x_total counter
                broker_x_total 7

                """
        )
    }

    @Test func `what would end a line or a value early is escaped`() {
        let family = MetricFamily("x", "a\\b\n\"c\"", .gauge, [.init(1, [.init("l", "\"\\\n")])])

        #expect(
            text(family) == "# HELP x a\\\\b\\n\"c\"\n# TYPE x gauge\nx{l=\"\\\"\\\\\\n\"} 1\n"
        )
    }

    @Test(
        arguments: [
            (0, "0"), (1, "1"), (0.0005, "0.0005"), (2.5, "2.5"), (1_800_000_000.25, "1800000000.25"),
            (1e18, "1000000000000000000"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func `numbers are written as the format has them`(number: Double, text: String) {
        #expect(PrometheusText.number(number) == text)
    }
}
