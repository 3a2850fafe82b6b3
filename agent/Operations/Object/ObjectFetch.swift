// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `object.fetch`: an object in the host's cache, ahead of its use.
struct ObjectFetch: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let object: ObjectReference
    }

    let type = "object.fetch"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let object = parameters.object
        let data: [String: JSONValue] = [
            "name": .string(object.name), "sha256": object.sha256.map(JSONValue.string) ?? .null,
            "size": object.size.map(JSONValue.int) ?? .null,
        ]
        if let file = try await context.held(object) {
            // So that others go before it until the job comes that it is for.
            if !context.isDryRun { file.noteUse() }
            return .nothing(data)
        }
        let change = Plan.Change("object \(object.name)", from: .null, to: object.json)
        return Plan([change], data: data) {
            _ = try await context.fetch(object)
            return [:]
        }
    }
}
