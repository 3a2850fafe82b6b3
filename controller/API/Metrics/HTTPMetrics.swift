// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import HTTPTypes
import Hummingbird

/// What is counted of requests: how many, of which call, how they were answered, and how long that took.
///
/// All labels are known beforehand: what is no call of the API is counted as `none`.
struct HTTPMetrics: MetricsSource {
    /// The name of what is no call.
    static let unrouted = "none"
    private static let classes = 2...5

    private struct Route: Hashable {
        let method: HTTPRequest.Method
        let path: String
    }

    private struct CallMetrics {
        /// By the first digit of the status.
        let answers = LabelledCounter(HTTPMetrics.classes)
        let duration = Histogram()
    }

    let metricsName = "http"
    private let names: [Route: String]
    private let calls: [String: CallMetrics]
    private let problems = LabelledCounter(APIError.Code.allCases)

    /// Makes metrics of some calls, and of what is none.
    init(_ endpoints: [Endpoint]) {
        names = Dictionary(
            endpoints.map { (Route(method: $0.method, path: $0.routerPath.description), $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        calls = Dictionary(
            (endpoints.map(\.name) + [Self.unrouted]).map { ($0, CallMetrics()) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Counts a request that was answered.
    ///
    /// - Parameters:
    ///   - method: of the request; `HEAD` counts as `GET`.
    ///   - path: the path of the route as the router writes it; nil where no route took the request.
    ///   - status: of the answer.
    ///   - duration: until the head of the answer was known.
    func answered(_ method: HTTPRequest.Method, _ path: String?, _ status: Int, in duration: Duration) {
        let name = path.flatMap { names[Route(method: method == .head ? .get : method, path: $0)] }
        guard let call = calls[name ?? Self.unrouted] else { return }
        call.answers.add(of: status / 100)
        call.duration.observe(duration)
    }

    /// Counts an answer that told an error.
    func refused(_ code: APIError.Code) {
        problems.add(of: code)
    }

    func metrics() async throws -> [MetricFamily] {
        let calls = calls.sorted { $0.key < $1.key }
        let answers = calls.flatMap { name, call in
            call.answers.kinds.map { kind in
                MetricFamily.Sample(
                    Double(call.answers[kind]),
                    [.init("call", name), .init("status_class", "\(kind)xx")]
                )
            }
        }
        let durations = calls.flatMap { name, call in call.duration.samples([.init("call", name)]) }
        return [
            MetricFamily(
                "broker_http_requests_total",
                "Requests that were answered, by call and by the class of the status.",
                .counter,
                answers
            ),
            MetricFamily(
                "broker_http_request_duration_seconds",
                "From the head of a request to the head of its answer, by call.",
                .histogram,
                durations
            ),
            .counter(
                "broker_http_problems_total",
                "Answers that told a problem, by its code.",
                by: "code",
                problems.kinds.map { ($0.rawValue, problems[$0]) }
            ),
        ]
    }
}
