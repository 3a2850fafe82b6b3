// SPDX-License-Identifier: Apache-2.0

import Access
package import Jobs
package import Store

// What a key with limits may do: the same for a submission, a preview, a retry of somebody's job, and the rest.

extension JobService {
    /// How many hosts outside of a limit are named.
    private static let namedHosts = 10

    /// The agents that a target selects, all of them within a limit.
    ///
    /// A target that chooses is narrowed to the limit. Any other is refused as a whole where it selects a host outside.
    ///
    /// - Throws: ``SubmissionError`` `invalid_target`, `empty_target` or `forbidden`.
    func select(
        _ target: String,
        within limit: AccessLimit
    ) throws(SubmissionError) -> (agents: [Agent], target: TargetExpression) {
        let expression: TargetExpression
        let agents: [Agent]
        do {
            expression = try limit.narrowed(try TargetExpression(parsing: target))
            let candidates = expression.onlyHosts.map { directory.agents(folded: $0) } ?? directory.everyone()
            agents = try expression.select(from: candidates, seed: UInt64.random(in: .min ... .max))
        } catch {
            throw SubmissionError(error)
        }
        try check(agents, limit)
        return (agents, expression)
    }

    /// Refuses what reaches beyond a limit.
    ///
    /// - Throws: ``SubmissionError`` `forbidden`, with the hosts that are outside.
    func check(_ agents: [Agent], _ limit: AccessLimit) throws(SubmissionError) {
        guard let target = limit.target else { return }
        let outside = agents.filter { !limit.allows($0) }.map(\.hostname)
        guard outside.isEmpty else { throw beyond(outside, target.text) }
    }

    /// Refuses an operation that a key may not ask for.
    ///
    /// - Throws: ``SubmissionError`` `forbidden`.
    func check(_ operation: String, _ limit: AccessLimit) throws(SubmissionError) {
        guard limit.allows(operation: operation) else {
            let allowed = (limit.operations ?? []).map(\.text).joined(separator: ", ")
            throw SubmissionError(.forbidden, "the key is limited to the operations \(allowed)")
        }
    }

    /// Refuses to touch or show a job that a key could not have submitted.
    ///
    /// A job that the key has submitted itself was checked then, and is not looked at again. Of any other each host of the
    /// frozen set must be known and within the limit.
    ///
    /// - Throws: ``SubmissionError`` `forbidden`; ``StoreError``.
    package func check(_ job: Job, isWithinReachOf requester: Requester) async throws {
        let limit = requester.limit
        if limit.isNone || requester.hasSubmitted(job) { return }
        try check(job.operation.type, limit)
        guard let target = limit.target else { return }
        try await forEachPage(ofRuns: job.id) { runs in
            let outside = runs.filter { run in
                directory.agent(run.agentID).map { !limit.allows($0) } ?? true
            }
            guard outside.isEmpty else { throw beyond(outside.map(\.hostname), target.text) }
        }
    }

    /// Which jobs a listing shows to somebody.
    ///
    /// A key that is limited to operations sees the jobs of these, whoever submitted them. One that is limited to hosts sees
    /// its own: those of others would have to be looked at host by host, and can be read one by one.
    package func visibility(to requester: Requester) -> JobQuery.Visibility {
        let limit = requester.limit
        guard limit.target == nil else {
            return .own(name: requester.name ?? "", since: requester.since ?? Timestamp(milliseconds: .max))
        }
        return limit.operations.map { .operations($0) } ?? .all
    }

    private func beyond(_ hostnames: [String], _ target: String) -> SubmissionError {
        let shown = hostnames.prefix(Self.namedHosts).joined(separator: ", ")
        let more = hostnames.count > Self.namedHosts ? " and \(hostnames.count - Self.namedHosts) more" : ""
        return SubmissionError(
            .forbidden,
            "the key is limited to '\(target)', which leaves out \(shown)\(more)"
        )
    }
}

extension Requester {
    /// Whether the job came from this very key, and not from an earlier one of its name.
    fileprivate func hasSubmitted(_ job: Job) -> Bool {
        guard let since, let name else { return false }
        return job.createdBy == name && job.createdAt >= since
    }
}
