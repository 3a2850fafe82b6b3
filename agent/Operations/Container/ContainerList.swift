// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.list`: the containers of the host.
struct ContainerList: ReadOperation {
    let type = "container.list"

    struct Parameters: Decodable, Sendable {
        let running: Bool
        let socket: String?
    }

    /// How many are told of at most.
    private static let limit = 1000

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let engine = try ContainerEngine(parameters.socket, in: context)
        let all = parameters.running ? "false" : "true"
        let listed = try await engine.ask("GET", ["containers", "json"], query: ["all": all]).json.array ?? []
        return [
            "containers": .array(listed.prefix(Self.limit).map(Self.told)),
            "truncated": .bool(listed.count > Self.limit),
        ]
    }

    private static func told(_ container: JSONValue) -> JSONValue {
        let created = container["Created"]?.int.map { Timestamp(milliseconds: $0 * 1000).description }
        let name = container["Names"]?.array?.first?.string ?? ""
        return [
            "id": container["Id"] ?? "", "name": .string(HostContainer.plain(name)), "image": container["Image"] ?? "",
            "state": container["State"] ?? "", "status": container["Status"] ?? "",
            "created_at": .string(created ?? ""), "labels": HostContainer.labels(container["Labels"]),
        ]
    }
}
