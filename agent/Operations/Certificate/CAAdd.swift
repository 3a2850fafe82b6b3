// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `ca.add`: an authority that the host is to trust.
struct CAAdd: ModifyOperation {
    let type = "ca.add"

    struct Parameters: Decodable, Sendable {
        let name: String
        let certificate: String
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let store = try TrustStore(context)
        let certificate = try await Self.checked(parameters.certificate, in: context)
        let present = store.authorities().first { $0.certificate?.fingerprint == certificate.fingerprint }
        let name = present?.name ?? parameters.name
        let data: [String: JSONValue] = [
            "name": .string(name), "fingerprint": .string(certificate.fingerprint),
        ]
        if let present, store.hasTaken(present) { return .nothing(data) }
        let file = FileReplacement(store.path(of: name), text: certificate.text, mode: 0o644)
        var changes: [Plan.Change] = []
        if present == nil, let change = try file.change() { changes.append(change) }
        changes.append(Plan.Change("trust in \(name)", from: nil, to: .string(certificate.fingerprint)))
        return Plan(changes, data: data) {
            let undo = present == nil ? [try FileUndo(file.path)] : []
            try await context.undoing(
                undo,
                and: {
                    if present == nil { store.forget(name) }
                    try await store.refresh(in: $0)
                },
                {
                    if present == nil {
                        try await file.write(in: context)
                        store.forget(name)
                    }
                    try await store.refresh(in: context)
                }
            )
            return [:]
        }
    }

    /// The certificate, which is one also for openssl where the host has that.
    private static func checked(_ text: String, in context: OperationContext) async throws -> CertificateText {
        guard let certificate = CertificateText(text) else {
            let message = "/certificate: must be exactly one certificate in PEM"
            throw OperationError("invalid_certificate", message)
        }
        guard context.hasTool("openssl") else { return certificate }
        let answer = try await context.tool(["openssl", "x509", "-noout"], input: certificate.text, ok: nil)
        guard answer.exitCode == 0 else {
            throw OperationError("invalid_certificate", "openssl cannot read the certificate: \(answer.complaint)")
        }
        return certificate
    }
}
