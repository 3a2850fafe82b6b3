// SPDX-License-Identifier: Apache-2.0

/// What is to be reached on two cores, with controller and simulated fleet side by side.
struct Goal: Sendable {
    enum Bound: Sendable {
        case atMost(Double)
        case atLeast(Double)
    }

    let what: String
    let bound: Bound
    let unit: String
    /// The name of the figure.
    let figure: String
    /// By what of the same run the figure is divided, to be compared with the thinnest code; the sum of several.
    var ceiling: [String] = []
    /// Whether it is the ratio to the ceiling, and not the figure itself, that the bound is for.
    var boundsRatio = false

    func value(_ figures: Figures) -> Double? { figures[figure] }

    func ratio(_ figures: Figures) -> Double? {
        guard let value = value(figures), !ceiling.isEmpty else { return nil }
        let parts = ceiling.compactMap { figures[$0] }
        guard parts.count == ceiling.count, parts.reduce(0, +) > 0 else { return nil }
        return value / parts.reduce(0, +)
    }

    func isReached(_ figures: Figures) -> Bool? {
        guard let value = boundsRatio ? ratio(figures) : value(figures) else { return nil }
        return switch bound {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }
}

/// The table of what is to be reached.
enum Goals {
    static let all = dispatch + throughput + listing + memory

    private static let dispatch: [Goal] = [("plain", 100.0), ("tunnel", 250.0)].flatMap { link, limit in
        let ended = "\(link)_all_ended_p50_ms"
        let thin = ["ceiling_nng_\(link)_round_trip_p50_ms", "ceiling_fsync_p50_ms"]
        let great = link == "plain" ? "10,000" : "5,000"
        return [
            Goal(what: "dispatch to 1,000, \(link)", bound: .atMost(limit), unit: "ms", figure: ended, ceiling: thin),
            Goal(
                what: "the same by bare nng and one fsync",
                bound: .atMost(2.5),
                unit: "×",
                figure: ended,
                ceiling: thin,
                boundsRatio: true
            ),
            Goal(
                what: "dispatch to \(great), \(link)",
                bound: .atMost(1200),
                unit: "ms",
                figure: "great_\(link)_all_ended_p50_ms"
            ),
            Goal(
                what: "growth from 1,000 to \(great), \(link)",
                bound: .atMost(12),
                unit: "×",
                figure: "great_\(link)_all_ended_p50_ms",
                ceiling: [ended],
                boundsRatio: true
            ),
            Goal(
                what: "one job, one agent, p50, \(link)",
                bound: .atMost(10),
                unit: "ms",
                figure: "\(link)_one_ended_p50_ms"
            ),
            Goal(
                what: "one job, one agent, p99, \(link)",
                bound: .atMost(30),
                unit: "ms",
                figure: "\(link)_one_ended_p99_ms"
            ),
        ]
    }

    private static let throughput: [Goal] =
        [
            Goal(
                what: "50 real agents, command.exec true",
                bound: .atMost(150),
                unit: "ms",
                figure: "processes_ended_p50_ms"
            )
        ]
        + [("plain", 20_000.0), ("tunnel", 15_000.0)].flatMap { link, rate in
            [
                Goal(
                    what: "ingest, \(link)",
                    bound: .atLeast(rate),
                    unit: "/s",
                    figure: "\(link)_ingest_results_per_second",
                    ceiling: ["ceiling_sqlite_results_per_second"]
                ),
                Goal(
                    what: "jobs for one agent, 64 submitters, \(link)",
                    bound: .atLeast(1500),
                    unit: "/s",
                    figure: "\(link)_submit_ended_per_second"
                ),
            ]
        }

    private static let listing: [Goal] =
        ["first_page", "cursor_half_way", "cursor_at_the_end"].flatMap { place in
            let name = "failed_\(place)_p99_ms"
            return [
                Goal(
                    what: "failed jobs, \(place.replacing("_", with: " ")), p99",
                    bound: .atMost(5),
                    unit: "ms",
                    figure: "long_history_\(name)"
                ),
                Goal(
                    what: "the same by that at 1,000 jobs, p50",
                    bound: .atMost(1.5),
                    unit: "×",
                    figure: "long_history_failed_\(place)_p50_ms",
                    ceiling: ["short_history_failed_\(place)_p50_ms"],
                    boundsRatio: true
                ),
            ]
        } + [
            Goal(
                what: "record of a job of 10,000 agents, p99",
                bound: .atMost(10),
                unit: "ms",
                figure: "long_history_wide_job_p99_ms"
            ),
            Goal(
                what: "listing over HTTP by bare Hummingbird",
                bound: .atLeast(0.5),
                unit: "×",
                figure: "long_history_page_requests_per_second",
                ceiling: ["long_history_page_bare_requests_per_second"],
                boundsRatio: true
            ),
        ]

    private static let memory: [Goal] =
        [
            Goal(
                what: "controller with 1,000 agents, plain",
                bound: .atMost(60),
                unit: "MiB",
                figure: "plain_controller_mib"
            )
        ]
        + [("plain", 12.0), ("tunnel", 50.0)].map { link, most in
            Goal(
                what: "controller, each further agent, \(link)",
                bound: .atMost(most),
                unit: "KiB",
                figure: "\(link)_kib_per_agent"
            )
        } + [
            Goal(
                what: "an agent at rest, resident",
                bound: .atMost(20),
                unit: "MiB",
                figure: "processes_idle_agent_mib"
            ),
            Goal(
                what: "an agent at rest, of a processor",
                bound: .atMost(0.1),
                unit: "%",
                figure: "processes_idle_agent_cpu_percent"
            ),
            Goal(what: "growth in a soak", bound: .atMost(2), unit: "MiB", figure: "soak_anonymous_growth_mib"),
            Goal(
                what: "5,000 agents back after a restart, tunnel",
                bound: .atMost(20),
                unit: "s",
                figure: "great_tunnel_reconnect_and_answer_s"
            ),
            Goal(
                what: "1,000 agents back after a restart, tunnel",
                bound: .atMost(20),
                unit: "s",
                figure: "tunnel_connect_reconnect_and_answer_s"
            ),
        ]

    /// One line a goal: what, bound, figure, ratio, verdict.
    static func table(_ figures: Figures) -> String {
        let rows = [["what", "to reach", "figure", "by the ceiling", ""]] + all.map { row($0, figures) }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func row(_ goal: Goal, _ figures: Figures) -> [String] {
        let bound =
            switch goal.bound {
            case .atMost(let limit): "≤ \(limit.shown) \(goal.unit)"
            case .atLeast(let limit): "≥ \(limit.shown) \(goal.unit)"
            }
        let verdict =
            switch goal.isReached(figures) {
            case true?: "reached"
            case false?: "NOT REACHED"
            case nil: "not measured"
            }
        let unit = goal.boundsRatio ? "" : " \(goal.unit)"
        return [
            goal.what, bound, goal.value(figures).map { $0.shown + unit } ?? "–",
            goal.ratio(figures).map { $0.rounded(to: 2).shown + " ×" } ?? "–", verdict,
        ]
    }
}
