// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

/// `file.fetch`: a file of the host among the controller's objects.
struct FileFetch: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let path: String
        let object: String?
        let maximumBytes: Int64
    }

    let type = "file.fetch"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        guard context.isDryRun else {
            let object = try await context.store(parameters.path, atMost: parameters.maximumBytes)
            return told(object.name, object.sha256 ?? "", object.size ?? 0)
        }
        // What would be stored, without anything being stored.
        let file = try HostFileReader(parameters.path, atMost: parameters.maximumBytes)
        let hostname = context.environment["BROKER_HOSTNAME"] ?? HostFacts.hostname ?? "localhost"
        let name = ObjectName.fetched(parameters.object, path: parameters.path, from: hostname)
        return told(name, Hexadecimal.text(try await file.hash()), file.size)
    }

    private func told(_ name: String, _ sha256: String, _ size: Int64) -> JSONValue {
        ["object": .string(name), "sha256": .string(sha256), "size": .int(size)]
    }
}
