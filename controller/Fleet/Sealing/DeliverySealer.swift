// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Signing
import Store
import Synchronization
import Wire

/// Signs what is handed to agents: an envelope once a job, and for each agent the proof that it is in the job's set.
///
/// A job is signed when its first run is handed out and not when it is submitted, so that it always counts by the key and
/// the deadline of now.
final class DeliverySealer: Sendable {
    let signer: JobSigner
    private let store: any JobStore
    private let cache = Mutex(SealCache())

    init(signer: JobSigner, store: any JobStore) {
        self.signer = signer
        self.store = store
    }

    /// Signs deliveries.
    ///
    /// A run that is another agent's by now is left out.
    ///
    /// - Parameters:
    ///   - offers: the deliveries of each agent.
    ///   - sets: the frozen sets of jobs, as far as they are known; the others are read from the store.
    /// - Returns: the deliveries as they go to each agent.
    /// - Throws: `StoreError` where the set of a job cannot be read, `SigningError`.
    func seal(
        _ offers: [AgentID: [Delivery]],
        amongSets sets: [JobID: [AgentID]] = [:]
    ) async throws -> [AgentID: [SealedDelivery]] {
        var batch = Batch()
        let runs = offers.values.flatMap { $0.compactMap(\.assignment) }
        var wanted: [SealKey: Assignment] = [:]
        for run in runs where wanted[SealKey(run)] == nil { wanted[SealKey(run)] = run }
        try await take(wanted, among: sets, into: &batch, trustingCache: true)
        // The set of a job for any agent changes; so whoever is not in a known set looks again.
        var strangers: [SealKey: Assignment] = [:]
        for (agent, deliveries) in offers {
            for run in deliveries.compactMap(\.assignment) where batch.place(of: agent, in: run) == nil {
                strangers[SealKey(run)] = run
            }
        }
        try await take(strangers, among: [:], into: &batch, trustingCache: false)

        var sealed: [AgentID: [SealedDelivery]] = [:]
        sealed.reserveCapacity(offers.count)
        for (agent, deliveries) in offers {
            var own: [SealedDelivery] = []
            own.reserveCapacity(deliveries.count)
            for delivery in deliveries {
                if let one = try seal(delivery, for: agent, &batch) { own.append(one) }
            }
            sealed[agent] = own
        }
        return sealed
    }

    /// What was signed for the deliveries of one call.
    private struct Batch {
        var jobs: [SealKey: SealedJob] = [:]
        var cancels: [CancelOrder: (content: Data, signature: JobSignature)] = [:]
        private var places: [SealKey: [AgentID: TargetPlace]] = [:]

        mutating func place(of agent: AgentID, in run: Assignment) -> TargetPlace? {
            let key = SealKey(run)
            if let known = places[key]?[agent] { return known }
            let place = jobs[key]?.tree.place(of: agent)
            places[key, default: [:]][agent] = place
            return place
        }
    }

    // MARK: Jobs

    private func take(
        _ wanted: [SealKey: Assignment],
        among known: [JobID: [AgentID]],
        into batch: inout Batch,
        trustingCache: Bool
    ) async throws {
        var missing = wanted
        if trustingCache {
            cache.withLock { cache in
                for key in wanted.keys {
                    guard let job = cache.job(key) else { continue }
                    batch.jobs[key] = job
                    missing[key] = nil
                }
            }
        }
        guard !missing.isEmpty else { return }
        let unknown = Set(missing.keys.map(\.jobID)).subtracting(known.keys)
        var sets = known
        if !unknown.isEmpty { sets.merge(try await store.frozenSets(of: unknown)) { $1 } }
        for (key, run) in missing {
            // A job that was deleted meanwhile has no set.
            guard let agents = sets[key.jobID], !agents.isEmpty else { continue }
            let job = try sign(run, for: agents)
            batch.jobs[key] = job
            cache.withLock { $0.insert(job, for: key) }
        }
    }

    private func sign(_ run: Assignment, for agents: [AgentID]) throws -> SealedJob {
        let tree = tree(of: agents)
        let envelope = Envelope(of: run, targetSize: UInt64(tree.size), targetRoot: tree.root.bytes).bytes
        let signature = try signer.key.sign(envelope, as: .job)
        return SealedJob(
            envelope: envelope,
            keyID: signature.keyID,
            signature: Data(signature.bytes),
            tree: tree
        )
    }

    private func tree(of agents: [AgentID]) -> TargetTree {
        if let known = cache.withLock({ $0.tree(of: agents) }) { return known }
        let tree = TargetTree(agents)
        cache.withLock { $0.note(tree, of: agents) }
        return tree
    }

    // MARK: Deliveries

    private func seal(_ delivery: Delivery, for agent: AgentID, _ batch: inout Batch) throws -> SealedDelivery? {
        switch delivery {
        case .run(let run):
            guard let job = batch.jobs[SealKey(run)], let place = batch.place(of: agent, in: run) else { return nil }
            let position = SealedDelivery.Place(index: place.index, path: Data(place.path))
            return SealedDelivery(
                number: run.delivery,
                jobID: run.jobID,
                kind: .run(startWithin: run.startWithin, position),
                content: job.envelope,
                keyID: job.keyID,
                signature: job.signature
            )
        case .cancel(let order):
            let (content, signature) = try signed(order, &batch)
            return SealedDelivery(number: order.delivery, jobID: order.jobID, kind: .cancel, content, signature)
        case .go(let order):
            let content = OrderContent.bytes(of: order, for: agent)
            let signature = try signer.key.sign(content, as: .go)
            return SealedDelivery(number: order.delivery, jobID: order.jobID, kind: .go, content, signature)
        }
    }

    /// The order is the same for all agents of the job, but for its number.
    private func signed(_ order: CancelOrder, _ batch: inout Batch) throws -> (Data, JobSignature) {
        let key = CancelOrder(jobID: order.jobID, delivery: 0, grace: order.grace, requestedBy: order.requestedBy)
        if let known = batch.cancels[key] { return known }
        let content = OrderContent.bytes(of: order)
        let signature = try signer.key.sign(content, as: .cancel)
        batch.cancels[key] = (content, signature)
        return (content, signature)
    }
}

extension SealedDelivery {
    fileprivate init(number: UInt64, jobID: JobID, kind: Kind, _ content: Data, _ signature: JobSignature) {
        self.init(
            number: number,
            jobID: jobID,
            kind: kind,
            content: content,
            keyID: signature.keyID,
            signature: Data(signature.bytes)
        )
    }
}
