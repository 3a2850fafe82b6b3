// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ControllerMetrics

struct MetricsRegistryTests {
    private struct Good: MetricsSource {
        let metricsName = "good"
        func metrics() async throws -> [MetricFamily] { [.gauge("z", "Z.", 1), .gauge("a", "A.", 2)] }
    }

    private struct Bad: MetricsSource {
        let metricsName = "bad"
        func metrics() async throws -> [MetricFamily] { throw ProcessStat.Unreadable(file: "x") }
    }

    @Test func `who fails is left out and said to have failed, and the rest is told in order`() async {
        let families = await MetricsRegistry([Bad(), Good()]).families()

        #expect(families.map(\.name) == ["a", "broker_metrics_source_up", "z"])
        let up = families[1].samples.map { ($0.labels.first?.value, $0.value) }
        #expect(up.map(\.0) == ["bad", "good"] && up.map(\.1) == [0, 1])
    }

    @Test func `the figures of a process are those of the kernel`() async throws {
        let families = try await ProcessFigures().metrics()
        let figures = Dictionary(uniqueKeysWithValues: families.map { ($0.name, $0.samples.first?.value ?? 0) })

        #expect(figures["process_resident_memory_bytes", default: 0] > 1_000_000)
        #expect(figures["process_virtual_memory_bytes", default: 0] > 1_000_000)
        #expect(figures["process_open_fds", default: 0] > 2)
        #expect(figures["process_max_fds", default: 0] >= figures["process_open_fds", default: 0])
        #expect(figures["process_start_time_seconds", default: 0] > 1_700_000_000)
        #expect(figures["process_cpu_seconds_total"] != nil)
    }

    @Test func `the name of a program confuses nobody`() throws {
        let rest = "S 1 1 1 0 -1 4194560 1 0 0 0 700 300 0 0 20 0 4 0 5000 123456 789 1844 1 1"

        let stat = try ProcessStat("42 (a ) R 1 (b) " + rest)

        #expect(stat.cpuTicks == 1000)
        #expect(stat.startTicks == 5000)
        #expect(stat.virtualBytes == 123_456)
        #expect(stat.residentPages == 789)
    }

    @Test(arguments: ["", "42 (x) S 1", "42 (x) S 1 1 1 0 -1 4194560 1 0 0 0 a 300 0 0 20 0 4 0 5000 123456 789"])
    func `what is no such line is refused`(text: String) {
        #expect(throws: ProcessStat.Unreadable.self) { try ProcessStat(text) }
        #expect(throws: ProcessStat.Unreadable.self) { try ProcessStat.bootTime("cpu 1 2 3\nbtime x\n") }
    }
}
