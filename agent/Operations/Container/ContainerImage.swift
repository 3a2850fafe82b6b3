// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// An image by its name.
struct ContainerImage: Sendable {
    /// As it was given.
    let name: String

    /// Who asks a registry.
    struct Login: Sendable {
        let username: String
        let password: String
    }

    /// The id of the image on the host; nil where the host does not have it.
    func id(of engine: ContainerEngine) async throws(OperationError) -> String? {
        let answer = try await engine.ask("GET", ["images", name, "json"], ok: [200, 404])
        return answer.status == 200 ? answer.json["Id"]?.string : nil
    }

    /// The name without its tag, and the tag; a digest stays with the name.
    var parts: (name: String, tag: String) {
        if name.contains("@") { return (name, "") }
        let last = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        guard let colon = name[last...].lastIndex(of: ":") else { return (name, "latest") }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }

    /// Has the engine get it from its registry.
    ///
    /// - Throws: `pull_failed` with what the engine says.
    func pull(by engine: ContainerEngine, as login: Login?) async throws(OperationError) {
        var headers: [String: String] = [:]
        if let login {
            let json: JSONValue = ["username": .string(login.username), "password": .string(login.password)]
            let text = Data((try? JSON.encode(json)) ?? []).base64EncodedString()
            headers["X-Registry-Auth"] = text.replacing("+", with: "-").replacing("/", with: "_")
        }
        let (name, tag) = parts
        let query: KeyValuePairs = ["fromImage": name, "tag": tag]
        let answer = try await engine.ask("POST", ["images", "create"], query: query, headers: headers, ok: nil)
        if answer.status != 200 { throw failure(answer.complaint) }
        // The head comes before the work: how it went say the lines.
        for line in answer.body.split(separator: UInt8(ascii: "\n")) {
            guard let said = try? JSON.decode(JSONValue.self, from: line), let error = said["error"]?.string else {
                continue
            }
            throw failure(String(error.prefix(500)))
        }
    }

    private func failure(_ reason: String) -> OperationError {
        OperationError("pull_failed", "the container engine cannot get '\(name)': \(reason)", changed: false)
    }
}
