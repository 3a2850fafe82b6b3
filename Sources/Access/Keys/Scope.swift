// SPDX-License-Identifier: Apache-2.0

/// What a key may be used for: every call of the API names the scope that it needs.
public enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
    /// Reading jobs, their runs and their timelines.
    case jobRead = "job:read"
    /// Submitting and retrying jobs.
    case jobWrite = "job:write"
    /// Cancelling and deleting jobs.
    case jobCancel = "job:cancel"
    /// Approving jobs that wait for it.
    case jobApprove = "job:approve"
    /// Reading agents, and whom targets select.
    case agentRead = "agent:read"
    /// Draining and resuming agents, and deciding which belong to the fleet.
    case agentWrite = "agent:write"
    /// Creating, listing and revoking keys.
    case keyWrite = "key:write"
    /// Changing webhooks.
    case webhookWrite = "webhook:write"
    /// Reading stored objects.
    case objectRead = "object:read"
    /// Storing and deleting objects.
    case objectWrite = "object:write"
    /// Reading the audit log.
    case auditRead = "audit:read"
    /// Reading metrics.
    case metricsRead = "metrics:read"
    /// All of them.
    case admin
}

extension Set<Scope> {
    /// Whether a call that needs `scope` is allowed.
    public func grants(_ scope: Scope) -> Bool {
        contains(.admin) || contains(scope)
    }

    /// Whether nothing that `others` grant is missing here.
    public func covers(_ others: Set<Scope>) -> Bool {
        others.allSatisfy(grants)
    }

    /// The scopes as they are written: in the order of their declaration.
    public var names: [String] {
        Scope.allCases.filter(contains).map(\.rawValue)
    }
}
