// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.start`: has a container run.
struct ContainerStart: ModifyOperation {
    let type = "container.start"

    struct Parameters: Decodable, Sendable {
        let container: String
        let socket: String?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let engine = try ContainerEngine(parameters.socket, in: context)
        guard let container = try await HostContainer(parameters.container, of: engine) else {
            throw OperationError.noContainer(parameters.container)
        }
        guard !container.isRunning else { return .nothing(container.told) }
        let change = Plan.Change("container \(container.name)", from: .string(container.state), to: "running")
        return Plan([change], data: container.told) {
            _ = try await engine.ask("POST", ["containers", container.id, "start"], ok: [204, 304])
            return try await HostContainer(container.id, of: engine)?.told ?? [:]
        }
    }
}
