// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// How a container is to be: what the engine is asked to make.
struct ContainerDescription: Decodable, Sendable {
    let name: String
    let image: String
    let command: [String]?
    let env: [String: String]?
    let secretEnv: [String: String]?
    let ports: [String]?
    let volumes: [String]?
    let restart: String
    let network: String?
    let user: String?
    let labels: [String: String]?

    /// The body of the request that makes it (Docker Engine API, ContainerCreate), with labels by which it is known again.
    ///
    /// - Parameter mark: a text that no other request has.
    /// - Returns: the body.
    func request(mark: String) -> JSONValue {
        var members = content
        var all = (labels ?? [:]).mapValues(JSONValue.string)
        all[HostContainer.descriptionLabel] = .string(fingerprint)
        all[HostContainer.markLabel] = .string(mark)
        members["Labels"] = .object(all)
        return .object(members)
    }

    /// The SHA-256 of all that is described.
    var fingerprint: String {
        let all: JSONValue = [
            "content": .object(content), "labels": .object((labels ?? [:]).mapValues(JSONValue.string)),
        ]
        return Hexadecimal.text(SHA256.hash(data: (try? JSON.encode(all)) ?? []))
    }

    private var content: [String: JSONValue] {
        let variables = (env ?? [:]).merging(secretEnv ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let published = (ports ?? []).compactMap { PublishedPort($0) }
        var bindings: [String: JSONValue] = [:]
        for port in published {
            let binding: JSONValue = ["HostIp": .string(port.address), "HostPort": .string("\(port.port)")]
            bindings[port.target] = .array((bindings[port.target]?.array ?? []) + [binding])
        }
        var host: [String: JSONValue] = [
            "Binds": .array((volumes ?? []).map(JSONValue.string)), "PortBindings": .object(bindings),
            "RestartPolicy": ["Name": .string(restart)],
        ]
        host["NetworkMode"] = network.map(JSONValue.string)
        var members: [String: JSONValue] = [
            "Image": .string(image), "HostConfig": .object(host),
            "Env": .array(variables.map { .string("\($0.key)=\($0.value)") }),
            "ExposedPorts": .object(bindings.mapValues { _ in [:] }),
        ]
        members["Cmd"] = command.map { .array($0.map(JSONValue.string)) }
        members["User"] = user.map(JSONValue.string)
        return members
    }
}
