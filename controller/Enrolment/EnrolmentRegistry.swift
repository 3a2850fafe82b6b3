// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization

/// Who is refused, and which labels the controller gives to whom, in memory: asked at every connection.
///
/// The store is the truth; this follows it. Of a revocation it learns first, so that nobody slips through while it is
/// being written down.
package final class EnrolmentRegistry: Sendable {
    private struct Contents {
        var revoked: Set<String>
        var labels: [AgentID: [String: String]]
    }

    private let contents: Mutex<Contents>

    /// Makes a registry of what the store knows.
    ///
    /// - Parameters:
    ///   - revoked: the ids of agents, and the fingerprints of keys, that are refused.
    ///   - labels: the labels that the controller gives.
    package init(revoked: Set<String>, labels: [AgentID: [String: String]]) {
        contents = Mutex(Contents(revoked: revoked, labels: labels))
    }

    /// Whether an agent or the key that it shows is refused.
    package func isRevoked(_ id: AgentID, keyFingerprint: String) -> Bool {
        contents.withLock { contents in
            !contents.revoked.isEmpty
                && (contents.revoked.contains(id.text) || contents.revoked.contains(keyFingerprint))
        }
    }

    /// The labels that the controller gives to an agent.
    package func labels(of id: AgentID) -> [String: String] {
        contents.withLock { $0.labels[id] ?? [:] }
    }

    func revoke(_ ids: [AgentID]) {
        contents.withLock { $0.revoked.formUnion(ids.map(\.text)) }
    }

    /// Takes a revocation back that came to nothing.
    func release(_ id: AgentID) {
        contents.withLock { _ = $0.revoked.remove(id.text) }
    }

    func add(_ revoked: Set<String>) {
        contents.withLock { $0.revoked.formUnion(revoked) }
    }

    func setLabels(_ labels: [String: String], of id: AgentID) {
        contents.withLock { $0.labels[id] = labels.isEmpty ? nil : labels }
    }
}
