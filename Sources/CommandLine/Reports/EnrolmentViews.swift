// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension RecordView where Record == Enrolment {
    /// Hosts that have asked to be agents: a line each.
    package static let enrolments = RecordView([
        .text("host") { $0.hostname },
        .text("state", { $0.state.rawValue }, cell: { Table.Cell($0.words, $0.ink) }),
        .text("conflict", in: .csv) { String($0.conflict) },
        .text("address") { $0.address },
        .text("requested_at", in: .csv) { $0.requestedAt.description },
        .cell(.text("asked")) { Table.Cell($0.requestedAt.brief) },
        .text("decided_by", in: .csv) { $0.decidedBy },
        .text("labels") { labelText($0.labels) },
        .text("id") { $0.id.text },
        .text("fingerprint") { "sha256:\($0.fingerprint)" },
    ])
}

extension Enrolment {
    fileprivate var words: String { conflict && state == .pending ? "pending (name is taken)" : state.rawValue }

    fileprivate var ink: Ink {
        switch state {
        case .accepted: .good
        case .pending: .notice
        case .rejected, .revoked, .replaced: .bad
        }
    }
}

extension RecordView where Record == JoinTokenRecord {
    /// Join tokens: a line each.
    package static let joinTokens = RecordView([
        .text("id") { $0.id },
        .number("uses") { Int64($0.uses) },
        .number("used") { Int64($0.used) },
        .text("expires_at", in: .csv) { $0.expiresAt.description },
        .cell(.text("expires")) { Table.Cell($0.expiresAt.brief) },
        .text("revoked_at", in: .csv) { $0.revokedAt?.description },
        .cell(.text("revoked")) { Table.Cell($0.revokedAt?.brief) },
        .text("created_by") { $0.createdBy },
        .text("labels") { labelText($0.labels) },
        .text("token", in: .csv) { $0.token },
    ])
}

private func labelText(_ labels: [String: String]) -> String {
    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
}
