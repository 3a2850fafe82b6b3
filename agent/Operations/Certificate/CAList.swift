// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `ca.list`: the authorities that were added to those of the host's distribution.
struct CAList: ReadOperation {
    let type = "ca.list"

    /// How many are told of at most.
    private static let limit = 200

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        let store = try TrustStore(context)
        let all = store.authorities()
        var told: [JSONValue] = []
        for authority in all.prefix(Self.limit) { told.append(try await Self.told(authority, context)) }
        return [
            "directory": .string(store.directory), "authorities": .array(told),
            "truncated": .bool(all.count > told.count),
        ]
    }

    private static func told(_ authority: TrustStore.Authority, _ context: OperationContext) async throws -> JSONValue {
        var told: [String: JSONValue] = [
            "name": .string(authority.name), "path": .string(authority.path), "subject": .null, "not_after": .null,
            "fingerprint": authority.certificate.map { .string($0.fingerprint) } ?? .null,
        ]
        guard let text = authority.certificate?.text, context.hasTool("openssl") else { return .object(told) }
        let command = ["openssl", "x509", "-noout", "-subject", "-enddate", "-nameopt", "RFC2253"]
        for line in try await context.tool(command, input: text, ok: nil).lines {
            if line.hasPrefix("subject=") { told["subject"] = .string(String(line.dropFirst("subject=".count))) }
            guard line.hasPrefix("notAfter=") else { continue }
            let time = CertificateTime.read(line.dropFirst("notAfter=".count))
            told["not_after"] = time.map { .string($0.description) } ?? .null
        }
        return .object(told)
    }
}
