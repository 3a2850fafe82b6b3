// SPDX-License-Identifier: Apache-2.0

package import ControllerMetrics
package import Enrolment
package import JobDispatch
package import Hummingbird
package import Jobs
package import NIOCore
package import Objects
package import Store

/// The HTTP API of the controller: all its calls, ready to be served.
///
/// What it answers is written down in `docs/http-api.md`, and in short at `GET /openapi.json`, which is made of
/// the same table that the routes are made of.
///
/// ```swift
/// let api = ControllerAPI(configuration: configuration, jobs: jobs, access: access, wallClock: wallClock)
/// let application = Application(
///     router: api.makeRouter(),
///     server: .http1(configuration: .init(additionalChannelHandlers: api.connectionHandlers())),
///     logger: logger
/// )
/// ```
package struct ControllerAPI: Sendable {
    private let configuration: APIConfiguration
    private let table: EndpointTable
    private let gate: Gate
    private let metrics: HTTPMetrics

    /// Makes an API over the controller's services.
    ///
    /// - Parameters:
    ///   - configuration: limits.
    ///   - jobs: what takes jobs and knows of them.
    ///   - access: who may use it.
    ///   - enrolment: what makes agents of hosts; nil for an API without that.
    ///   - webhooks: the store of webhooks; nil for an API without them.
    ///   - objects: keeps files for jobs; nil for an API without them.
    ///   - outputs: who can ask agents for output that they keep; nil where nobody can.
    ///   - sources: who tells metrics beside the API itself.
    ///   - wallClock: the controller's time.
    package init(
        configuration: APIConfiguration,
        jobs: JobService,
        access: AccessControl,
        enrolment: EnrolmentService? = nil,
        webhooks: (any WebhookStore)? = nil,
        objects: ObjectService? = nil,
        outputs: (any AgentOutputs)? = nil,
        metrics sources: [any MetricsSource] = [],
        wallClock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        gate = Gate(
            access: access,
            bodies: BodyBudget(maximum: configuration.maximumBodies, maximumOfKey: configuration.maximumBodiesOfKey)
        )
        let body = BodyReader(maximumBytes: configuration.maximumBody, maximumDepth: configuration.maximumDepth)
        var endpoints: [Endpoint] = []
        let streams = StreamPlaces(all: configuration.maximumStreams, ofKey: configuration.maximumStreamsOfKey)
        let waiting = JobWait(jobs: jobs, places: streams)
        endpoints += JobsResource(jobs: jobs, body: body, wallClock: wallClock, waiting: waiting).endpoints
        endpoints += RunsResource(jobs: jobs).endpoints
        let fetches = StreamPlaces(
            all: configuration.maximumOutputs,
            ofKey: configuration.maximumOutputsOfKey,
            of: "outputs"
        )
        endpoints +=
            RunOutputResource(
                jobs: jobs,
                whole: WholeOutput(agents: outputs, places: fetches),
                streams: streams,
                heartbeat: configuration.streamHeartbeat
            ).endpoints
        endpoints += StreamsResource(jobs: jobs, places: streams, heartbeat: configuration.streamHeartbeat).endpoints
        let exports = StreamPlaces(
            all: configuration.maximumExports,
            ofKey: configuration.maximumExportsOfKey,
            of: "exports"
        )
        endpoints += ExportResource(jobs: jobs, places: exports, partSize: configuration.exportPart).endpoints
        endpoints += JobControlResource(jobs: jobs, body: body, wallClock: wallClock).endpoints
        endpoints += AgentsResource(jobs: jobs).endpoints
        endpoints += AgentControlResource(jobs: jobs, body: body, wallClock: wallClock).endpoints
        endpoints += OperationsResource { [jobs] in jobs.catalogue }.endpoints
        endpoints += TargetsResource(jobs: jobs, body: body).endpoints
        endpoints +=
            StatusResource(
                jobs: jobs,
                limits: access.limits,
                configuration: configuration,
                objects: objects?.limits
            ).endpoints
        endpoints += KeysResource(access: access, body: body, wallClock: wallClock).endpoints
        if let webhooks {
            endpoints +=
                WebhooksResource(webhooks: webhooks, body: body, wallClock: wallClock).endpoints
            endpoints += WebhookDeliveriesResource(webhooks: webhooks, wallClock: wallClock).endpoints
        }
        if let objects { endpoints += ObjectsResource(objects: objects, wallClock: wallClock).endpoints }
        endpoints += AuditResource(store: access.store).endpoints
        endpoints += HealthResource(jobs: jobs).endpoints
        if let enrolment {
            let audit = EnrolmentAudit(store: access.store, wallClock: wallClock)
            endpoints += EnrolmentResource(enrolment: enrolment, wallClock: wallClock).endpoints
            endpoints +=
                EnrolmentControlResource(enrolment: enrolment, body: body, wallClock: wallClock, audit: audit).endpoints
            endpoints +=
                JoinTokensResource(enrolment: enrolment, body: body, wallClock: wallClock, audit: audit).endpoints
        }
        let description = OpenAPIDocument(
            endpoints: endpoints + [MetricsResource.described],
            catalogue: .builtIn,
            version: configuration.version
        )
        endpoints.append(description.endpoint)
        // The pages are for people; the description is of calls.
        endpoints += DocumentationResource().endpoints
        metrics = HTTPMetrics(endpoints + [MetricsResource.described])
        endpoints.append(MetricsResource(registry: MetricsRegistry(sources + [metrics])).endpoint)
        table = EndpointTable(endpoints)
    }

    /// What each connection needs to be kept in bounds; to be added to the server's connections.
    ///
    /// Without it, a body may be endless and take for ever, and clients that wait for `100 Continue` wait in vain.
    package func connectionHandlers() -> [any RemovableChannelHandler] {
        [ConnectionGuard(limits: configuration.connections, metrics: metrics)]
    }

    /// A router with every call of the API; more routes may be added to it.
    ///
    /// Whatever goes wrong behind this router is answered with problem details, unknown paths included.
    package func makeRouter() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: MetricsMiddleware(metrics: metrics))
        router.add(middleware: ProblemMiddleware(metrics: metrics))
        router.add(middleware: UnroutedMiddleware(table: table, gate: gate))
        for endpoint in table.endpoints {
            router.on(endpoint.routerPath, method: endpoint.method) { [gate] request, context in
                try await gate.serve(endpoint, request, context)
            }
        }
        return router
    }
}
