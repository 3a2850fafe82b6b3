// SPDX-License-Identifier: Apache-2.0

import Access
import ControllerMetrics
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `/metrics`: what the controller measures of itself, for Prometheus.
struct MetricsResource: Sendable {
    let registry: MetricsRegistry

    /// The call.
    var endpoint: Endpoint {
        Self.endpoint { [registry] _ in
            let text = PrometheusText.bytes(of: await registry.families())
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusText.mediaType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: text))
            )
        }
    }

    /// The call as it is described and counted, which the metrics have to know before they can answer it.
    static let described = endpoint { _ in Response(status: .ok) }

    private static func endpoint(_ handle: @escaping @Sendable (Call) async throws -> Response) -> Endpoint {
        Endpoint(
            method: .get,
            path: "/metrics",
            access: .scope(.metricsRead),
            name: "getMetrics",
            summary: "What the controller measures of itself, in the text format of Prometheus.",
            answer: .init(
                status: .ok,
                schema: ["type": "string"],
                summary: "The metrics.",
                mediaType: PrometheusText.mediaType
            ),
            handle: handle
        )
    }
}
