// SPDX-License-Identifier: Apache-2.0

import NIOCore
import ServiceLifecycle
import Tunnel

/// A service whose failure says which service it was.
struct Named<Wrapped: Service>: Service {
    private let name: String
    private let service: Wrapped

    init(_ name: String, _ service: Wrapped) {
        self.name = name
        self.service = service
    }

    func run() async throws {
        do {
            try await service.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Failure(name, error)
        }
    }
}

/// Writes down where agents connect, as soon as that is known.
struct Announcer: Service {
    let edge: EdgeService
    let endpoints: EndpointsFile

    func run() async throws {
        let address = try await edge.boundAddress()
        await endpoints.agentsAreBound(to: address.port)
        try? await gracefulShutdown()
    }
}
