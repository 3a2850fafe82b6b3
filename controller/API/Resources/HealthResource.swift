// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Hummingbird
import Jobs
import Logging

/// `/healthz` and `/readyz`: for whoever watches the process; no key is needed.
struct HealthResource: Sendable {
    let jobs: JobService

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get,
                path: "/healthz",
                access: .open,
                name: "getHealth",
                summary: "Whether the process serves.",
                answer: .init(status: .ok, schema: .reference("Health"), summary: "It does."),
                handle: health
            ),
            Endpoint(
                method: .get,
                path: "/readyz",
                access: .open,
                name: "getReadiness",
                summary: "Whether jobs can be taken and delivered.",
                answer: .init(status: .ok, schema: .reference("Health"), summary: "They can."),
                handle: readiness
            ),
        ]
    }

    private func health(_ call: Call) async throws -> Response {
        try .json(["status": "ok"] as JSONValue)
    }

    /// Names what is not well, but not why: whoever asks has shown no key.
    private func readiness(_ call: Call) async throws -> Response {
        let unwell = await jobs.readiness().compactMapValues { $0 }
        guard unwell.isEmpty else {
            call.context.logger.warning(
                "not ready",
                metadata: unwell.mapValues { "\($0)" }
            )
            throw APIError(.unavailable, "not ready: \(unwell.keys.sorted().joined(separator: ", "))")
        }
        return try .json(["status": "ready"] as JSONValue)
    }
}
