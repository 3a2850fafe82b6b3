// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `ca.remove`: an authority that the host is not to trust any more.
struct CARemove: ModifyOperation {
    let type = "ca.remove"

    struct Parameters: Decodable, Sendable {
        let name: String?
        let fingerprint: String?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let store = try TrustStore(context)
        let removed = store.authorities().filter { authority in
            authority.name == parameters.name
                || parameters.fingerprint != nil && authority.certificate?.fingerprint == parameters.fingerprint
        }
        let changes = removed.map { authority in
            let before = authority.certificate.map { JSONValue.string($0.fingerprint) }
            return Plan.Change(authority.path, from: before ?? "a file", to: nil)
        }
        let data: [String: JSONValue] = ["removed": .array(removed.map { .string($0.name) })]
        return Plan(changes, data: data) {
            let undo = try removed.map { authority throws(OperationError) in try FileUndo(authority.path) }
            try await context.undoing(
                undo,
                and: { try await store.refresh(in: $0) },
                {
                    for path in removed.map(\.path) where unlink(path) != 0 {
                        throw OperationError.system("cannot remove '\(path)'", errno)
                    }
                    try await store.refresh(in: context)
                }
            )
            return [:]
        }
    }
}
