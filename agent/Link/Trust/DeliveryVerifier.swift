// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs
package import Runner
import Signing
package import Wire

/// Decides which deliveries an agent believes.
///
/// A run is believed where a trusted key signed its envelope, the agent is in the set that the envelope names, and a
/// clock of the agent is between the envelope's times. An order is believed where a trusted key signed it, and a go-ahead only
/// by the agent that it names.
package struct DeliveryVerifier: Sendable {
    /// Who signs.
    package let trust: JobTrust
    private let agentID: @Sendable () throws -> AgentID
    private let tolerance: Duration
    private let times: @Sendable () -> ClosedRange<Timestamp>

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - agentID: the id of this agent, as its certificate says now.
    ///   - trust: whose signatures count.
    ///   - tolerance: by how much the clocks of agent and controller may differ.
    ///   - times: between which times it is now, by the clocks that the agent has: one that was wrong at its start may have
    ///     been set since, and one that was right may have been set wrong. What is in time by one of them is in time.
    package init(
        agentID: @escaping @Sendable () throws -> AgentID,
        trust: JobTrust,
        tolerance: Duration = .seconds(300),
        times: @escaping @Sendable () -> ClosedRange<Timestamp>
    ) {
        self.agentID = agentID
        self.trust = trust
        self.tolerance = tolerance
        self.times = times
    }

    /// Checks a delivery.
    ///
    /// - Parameters:
    ///   - sealed: what came.
    ///   - delay: how long it was on its way.
    /// - Returns: what is to be done, or why nothing is.
    package func open(_ sealed: SealedDelivery, delayedBy delay: Duration) -> Arrival {
        do throws(Doubt) {
            return .accepted(try believed(sealed, delayedBy: delay))
        } catch {
            guard case .run = sealed.kind else {
                let reason = RunError(code: error.refusal.rawValue, message: error.message)
                return .refusedOrder(RefusedOrder(jobID: sealed.jobID, delivery: sealed.number, error: reason))
            }
            return .refusedRun(
                RefusedRun(
                    key: RunKey(jobID: sealed.jobID, attempt: error.attempt),
                    delivery: sealed.number,
                    refusal: error.refusal,
                    message: error.message
                )
            )
        }
    }

    /// Why a delivery is not believed.
    private struct Doubt: Error {
        let refusal: Refusal
        let message: String
        var attempt = 1

        init(_ refusal: Refusal, _ message: String, attempt: Int = 1) {
            self.refusal = refusal
            self.message = message
            self.attempt = attempt
        }
    }

    private func believed(_ sealed: SealedDelivery, delayedBy delay: Duration) throws(Doubt) -> Delivery {
        switch sealed.kind {
        case .run(let startWithin, let place):
            try checkSignature(of: sealed, as: .job)
            let envelope = try read(sealed.jobID) { () throws(WireError) in try Envelope(bytes: sealed.content) }
            let time = max(.zero, startWithin - delay)
            return .run(try run(envelope, place: place, delivery: sealed.number, startWithin: time))
        case .cancel:
            try checkSignature(of: sealed, as: .cancel)
            return .cancel(
                try read(sealed.jobID) { () throws(WireError) in
                    try OrderContent.cancel(sealed.content, delivery: sealed.number)
                }
            )
        case .go:
            try checkSignature(of: sealed, as: .go)
            let go = try read(sealed.jobID) { () throws(WireError) in
                try OrderContent.go(sealed.content, delivery: sealed.number)
            }
            guard try go.agent == ownID() else { throw Doubt(.target, "the go-ahead is for another agent") }
            return .go(go.order)
        }
    }

    private func checkSignature(of sealed: SealedDelivery, as context: SigningContext) throws(Doubt) {
        guard !sealed.signature.isEmpty else { throw Doubt(.signature, "it is not signed") }
        guard trust.knows(sealed.keyID) else {
            let id = sealed.keyID.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(32)
            throw Doubt(.signature, "this agent trusts no job key '\(id)'")
        }
        let signature = JobSignature(keyID: sealed.keyID, bytes: Array(sealed.signature))
        guard trust.isSignature(signature, of: sealed.content, as: context) else {
            throw Doubt(.signature, "the signature of the job key \(sealed.keyID) does not fit what was delivered")
        }
    }

    /// Reads what was signed, and checks that it is of the job in whose name it was delivered.
    private func read<Content: NamingJob>(
        _ jobID: JobID,
        _ body: () throws(WireError) -> Content
    ) throws(Doubt) -> Content {
        let content: Content
        do {
            content = try body()
        } catch {
            throw Doubt(.envelope, "what was signed cannot be read: \(error)")
        }
        guard content.jobID == jobID else {
            throw Doubt(.envelope, "the job \(content.jobID) was delivered as \(jobID)")
        }
        return content
    }

    private func run(
        _ envelope: Envelope,
        place: SealedDelivery.Place,
        delivery: UInt64,
        startWithin: Duration
    ) throws(Doubt) -> Assignment {
        let own = try ownID()
        let place = TargetPlace(index: place.index, path: Array(place.path))
        guard let root = TargetHash(bytes: envelope.targetRoot), place.proves(own, isIn: root, of: envelope.targetSize)
        else { throw Doubt(.target, "this agent is not in the job's target", attempt: envelope.attempt) }
        let times = times()
        let left = envelope.deadline + tolerance - times.lowerBound
        guard left > .zero else {
            let now = times.lowerBound
            let message = "the deadline, \(envelope.deadline), is over: it is \(now) by this host's clock"
            throw Doubt(.deadline, message, attempt: envelope.attempt)
        }
        guard envelope.notBefore <= times.upperBound + tolerance else {
            let now = times.upperBound
            let message = "not to begin before \(envelope.notBefore): it is \(now) by this host's clock"
            throw Doubt(.notBefore, message, attempt: envelope.attempt)
        }
        return envelope.assignment(delivery: delivery, startWithin: min(startWithin, left))
    }

    private func ownID() throws(Doubt) -> AgentID {
        do {
            return try agentID()
        } catch {
            throw Doubt(.target, "this agent cannot read its own certificate: \(error)")
        }
    }
}

/// Something signed that says which job it is about.
private protocol NamingJob {
    var jobID: JobID { get }
}

extension Envelope: NamingJob {}
extension CancelOrder: NamingJob {}
extension GoAhead: NamingJob {
    var jobID: JobID { order.jobID }
}
