// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.remove`: takes a container away.
struct ContainerRemove: ModifyOperation {
    let type = "container.remove"

    struct Parameters: Decodable, Sendable {
        let container: String
        let force: Bool
        let volumes: Bool
        let socket: String?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let engine = try ContainerEngine(parameters.socket, in: context)
        guard let container = try await HostContainer(parameters.container, of: engine) else {
            return .nothing(["name": .string(parameters.container)])
        }
        guard parameters.force || !container.isRunning else {
            let message = "container '\(container.name)' runs; stop it, or remove it with force"
            throw OperationError("is_running", message)
        }
        let change = Plan.Change("container \(container.name)", from: .string(container.state), to: nil)
        return Plan([change], data: ["name": .string(container.name)]) {
            let query: KeyValuePairs = ["force": "\(parameters.force)", "v": "\(parameters.volumes)"]
            _ = try await engine.ask("DELETE", ["containers", container.id], query: query, ok: [200, 204, 404])
            return [:]
        }
    }
}
