// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.inspect`: one container.
struct ContainerInspect: ReadOperation {
    let type = "container.inspect"

    struct Parameters: Decodable, Sendable {
        let container: String
        let socket: String?
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let engine = try ContainerEngine(parameters.socket, in: context)
        guard let container = try await HostContainer(parameters.container, of: engine) else {
            throw OperationError.noContainer(parameters.container)
        }
        let json = container.json
        let settings = json["Config"]
        let variables = (settings?["Env"]?.array ?? []).compactMap(\.string).map { $0.prefix { $0 != "=" } }
        let words = (settings?["Entrypoint"]?.array ?? []) + (settings?["Cmd"]?.array ?? [])
        let networks = json["NetworkSettings"]?["Networks"]?.object ?? [:]
        var told = container.told
        told["image_id"] = .string(container.imageID)
        told["exit_code"] = container.isRunning ? .null : json["State"]?["ExitCode"] ?? .null
        told["started_at"] = Self.time(json["State"]?["StartedAt"])
        told["restart"] = json["HostConfig"]?["RestartPolicy"]?["Name"] ?? ""
        told["command"] = .array(words)
        told["variables"] = .array(variables.map { .string(String($0)) })
        told["labels"] = HostContainer.labels(settings?["Labels"])
        told["mounts"] = .array((json["Mounts"]?.array ?? []).map(Self.mount))
        told["addresses"] = .object(networks.mapValues { $0["IPAddress"] ?? "" })
        return .object(told)
    }

    private static func mount(_ mount: JSONValue) -> JSONValue {
        [
            "source": mount["Source"] ?? "", "target": mount["Destination"] ?? "",
            "writable": mount["RW"] ?? true,
        ]
    }

    /// A time of the engine; it has year 1 for never.
    private static func time(_ value: JSONValue?) -> JSONValue {
        guard let time = value?.string.flatMap({ Timestamp($0) }), time.milliseconds > 0 else { return .null }
        return .string(time.description)
    }
}
