// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import Testing

@testable import API

struct MetricsCallTests {
    private func lines(_ client: APIClient) async throws -> [String] {
        let answer = try await client.get("/metrics")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        return answer.text.split(separator: "\n").map(String.init)
    }

    @Test func `requests are counted by call, class of status and code of problem`() async throws {
        try await APIFixture().serve { client in
            for path in ["/api/v1/status", "/api/v1/status", "/api/v1/status?x=1", "/nothing", "/api/v1/jobs/nonsense"]
            {
                _ = try await client.get(path)
            }
            _ = try await client.send(.head, "/api/v1/status")
            _ = try await client.send(.put, "/api/v1/status")

            let lines = try await lines(client)

            for line in [
                #"broker_http_requests_total{call="getStatus",status_class="2xx"} 3"#,
                #"broker_http_requests_total{call="getStatus",status_class="4xx"} 1"#,
                #"broker_http_requests_total{call="getJob",status_class="4xx"} 1"#,
                #"broker_http_requests_total{call="none",status_class="4xx"} 2"#,
                #"broker_http_requests_total{call="getMetrics",status_class="2xx"} 0"#,
                #"broker_http_request_duration_seconds_bucket{call="getStatus",le="+Inf"} 4"#,
                #"broker_http_request_duration_seconds_count{call="getStatus"} 4"#,
                #"broker_http_problems_total{code="invalid_query"} 1"#,
                #"broker_http_problems_total{code="not_found"} 2"#,
                #"broker_http_problems_total{code="method_not_allowed"} 1"#,
            ] { #expect(lines.contains(line), "\(line)") }
        }
    }

    @Test func `jobs and runs are told by their states, as they move and end`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.deliver(to: ["web-1", "web-2"])
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed))
        try await fixture.serve { client in
            let lines = try await lines(client)

            for line in [
                #"broker_jobs{status="processing"} 1"#, #"broker_jobs{status="completed"} 0"#,
                #"broker_runs_open{state="pending"} 1"#, #"broker_runs_open{state="acknowledged"} 1"#,
                #"broker_runs_open{state="started"} 0"#, #"broker_runs_ended_total{state="failed"} 1"#,
                #"broker_runs_ended_total{state="completed"} 0"#, "broker_store_waiting_writes 0",
                #"broker_metrics_source_up{source="store"} 1"#,
            ] { #expect(lines.contains(line), "\(line)") }
            #expect(lines.contains { $0.hasPrefix("broker_store_commit_seconds_count ") && !$0.hasSuffix(" 0") })
        }
    }

    @Test func `metrics want a key that may read them`() async throws {
        try await APIFixture().serve { client in
            let wanted = #"{"name":"prometheus","scopes":["metrics:read"]}"#
            let secret = try await client.post("/api/v1/keys", wanted).json["secret"]?.string
            let other = #"{"name":"jobs","scopes":["job:read"]}"#
            let reader = try await client.post("/api/v1/keys", other).json["secret"]?.string

            #expect(try await client.send(.get, "/metrics", key: nil).code == "unauthorized")
            #expect(try await client.send(.get, "/metrics", key: reader).code == "forbidden")
            #expect(try await client.send(.get, "/metrics", key: secret).status == 200)
        }
    }
}
