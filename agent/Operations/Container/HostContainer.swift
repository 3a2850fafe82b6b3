// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A container as its engine describes it.
struct HostContainer: Sendable {
    /// The label that says by which description Broker has made it.
    static let descriptionLabel = "io.broker.description"
    /// The label that says by which request Broker has made it.
    static let markLabel = "io.broker.request"

    /// What the engine says.
    let json: JSONValue

    /// Asks for a container; nil where there is none.
    init?(_ name: String, of engine: ContainerEngine) async throws(OperationError) {
        let answer = try await engine.ask("GET", ["containers", name, "json"], ok: [200, 404])
        guard answer.status == 200 else { return nil }
        json = answer.json
    }

    var id: String { json["Id"]?.string ?? "" }
    /// The name, which engines write with a slash before it.
    var name: String { Self.plain(json["Name"]?.string ?? "") }
    var imageID: String { json["Image"]?.string ?? "" }
    var state: String { json["State"]?["Status"]?.string ?? "unknown" }
    var isRunning: Bool { json["State"]?["Running"] == true }
    /// By which description Broker has made it; nil for one that others have made.
    var description: String? { json["Config"]?["Labels"]?[Self.descriptionLabel]?.string }
    /// By which request Broker has made it; nil for one that others have made.
    var mark: String? { json["Config"]?["Labels"]?[Self.markLabel]?.string }

    /// A name without the slash before it.
    static func plain(_ name: String) -> String { name.hasPrefix("/") ? String(name.dropFirst()) : name }

    /// What operations that change it tell.
    var told: [String: JSONValue] {
        [
            "id": .string(id), "name": .string(name), "image": json["Config"]?["Image"] ?? .string(imageID),
            "state": .string(state),
        ]
    }

    /// The labels without those of Broker.
    static func labels(_ value: JSONValue?) -> JSONValue {
        .object((value?.object ?? [:]).filter { $0.key != descriptionLabel && $0.key != markLabel })
    }
}

extension OperationError {
    /// There is no such container.
    static func noContainer(_ name: String) -> OperationError {
        OperationError("not_found", "there is no container '\(name)'")
    }
}
