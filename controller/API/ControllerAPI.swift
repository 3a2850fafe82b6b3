// SPDX-License-Identifier: Apache-2.0

package import JobDispatch
package import Hummingbird
package import Jobs
package import NIOCore

/// The HTTP API of the controller: all its calls, ready to be served.
///
/// What it answers is written down in `docs/http-api.md`, and in short at `GET /api/v1/openapi.json`, which is made of
/// the same table that the routes are made of.
///
/// ```swift
/// let api = ControllerAPI(configuration: configuration, jobs: jobs, wallClock: wallClock)
/// let application = Application(
///     router: api.makeRouter(),
///     server: .http1(configuration: .init(additionalChannelHandlers: api.connectionHandlers())),
///     logger: logger
/// )
/// ```
package struct ControllerAPI: Sendable {
    private let configuration: APIConfiguration
    private let table: EndpointTable
    private let keys: KeyRing

    /// Makes an API over the controller's services.
    ///
    /// - Parameters:
    ///   - configuration: keys and limits.
    ///   - jobs: what takes jobs and knows of them.
    ///   - wallClock: the controller's time.
    package init(
        configuration: APIConfiguration,
        jobs: JobService,
        wallClock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        keys = KeyRing(configuration.keys)
        let body = BodyReader(maximumBytes: configuration.maximumBody, maximumDepth: configuration.maximumDepth)
        var endpoints: [Endpoint] = []
        endpoints += JobsResource(jobs: jobs, body: body, wallClock: wallClock).endpoints
        endpoints += RunsResource(store: jobs.store).endpoints
        endpoints += JobControlResource(jobs: jobs, body: body, wallClock: wallClock).endpoints
        endpoints += AgentsResource(jobs: jobs).endpoints
        endpoints += AgentControlResource(jobs: jobs, body: body, wallClock: wallClock).endpoints
        endpoints += OperationsResource(catalogue: jobs.catalogue).endpoints
        endpoints += TargetsResource(jobs: jobs, body: body).endpoints
        endpoints += StatusResource(jobs: jobs, configuration: configuration).endpoints
        endpoints += HealthResource(jobs: jobs).endpoints
        let description = OpenAPIDocument(
            endpoints: endpoints,
            catalogue: jobs.catalogue,
            version: configuration.version
        )
        endpoints.append(description.endpoint)
        table = EndpointTable(endpoints)
    }

    /// What each connection needs to be kept in bounds; to be added to the server's connections.
    ///
    /// Without it, a body may be endless and take for ever, and clients that wait for `100 Continue` wait in vain.
    package func connectionHandlers() -> [any RemovableChannelHandler] {
        [ConnectionGuard(limits: configuration.connections)]
    }

    /// A router with every call of the API; more routes may be added to it.
    ///
    /// Whatever goes wrong behind this router is answered with problem details, unknown paths included.
    package func makeRouter() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: UnroutedMiddleware(table: table, keys: keys))
        let open = router.group()
        let guarded = router.group().add(middleware: KeyMiddleware(keys: keys))
        for endpoint in table.endpoints {
            let group =
                switch endpoint.access {
                case .open: open
                case .key: guarded
                }
            group.on(endpoint.routerPath, method: endpoint.method) { request, context in
                try await endpoint.respond(to: request, context: context)
            }
        }
        return router
    }
}
