// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobDispatch
import Jobs
import Signing
import Store
import Testing
import Wire

@testable import Fleet

/// What is handed out is signed, once a job, with a proof for each agent.
@Suite(.timeLimit(.minutes(10))) struct SealTests {
    private func isSigned(_ sealed: SealedDelivery, as context: SigningContext, by signer: JobSigner) -> Bool {
        let signature = JobSignature(keyID: sealed.keyID, bytes: Array(sealed.signature))
        return signer.key.publicKey.isSignature(signature, of: sealed.content, as: context)
    }

    private func isInTarget(_ agent: AgentID, _ sealed: SealedDelivery) throws -> Bool {
        guard case .run(_, let place) = sealed.kind else { return false }
        let envelope = try Envelope(bytes: sealed.content)
        let root = try #require(TargetHash(bytes: envelope.targetRoot))
        return TargetPlace(index: place.index, path: Array(place.path))
            .proves(agent, isIn: root, of: envelope.targetSize)
    }

    @Test func `every agent of a job gets the same envelope, one signature, and a proof of its own`() async throws {
        try await FleetFixture.with { fixture in
            var agents: [HandAgent] = []
            for number in 1...5 {
                let agent = try fixture.connect()
                try await agent.hello("web-\(number)")
                agents.append(agent)
            }
            let job = try await fixture.submit()

            var sealed: [SealedDelivery] = []
            for agent in agents { sealed += try await agent.poll(1).sealed }

            #expect(sealed.count == 5)
            #expect(Set(sealed.map(\.content)).count == 1)
            #expect(Set(sealed.map(\.signature)).count == 1)
            for (number, delivery) in sealed.enumerated() {
                #expect(delivery.jobID == job.id)
                #expect(isSigned(delivery, as: .job, by: fixture.signer))
                #expect(try isInTarget(AgentID("agent-\(number + 1)"), delivery))
                #expect(try !isInTarget(AgentID("agent-\((number + 1) % 5 + 1)"), delivery), "another one's proof")
            }
            let envelope = try Envelope(bytes: sealed[0].content)
            #expect(envelope.targetSize == 5)
            #expect(envelope.deadline == job.deadlineAt)
            #expect(envelope.notBefore <= job.createdAt)
        }
    }

    @Test func `orders are signed, and a go-ahead names its agent`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let job = try await fixture.submit(target: "_any")
            let run = try #require(try await agent.poll(1).sealed.first)
            let go = try #require(try await agent.poll(2, held: run.number).sealed.first)
            _ = try await fixture.jobs.cancel(
                job.id,
                .init(grace: .seconds(3), requestedBy: "ann"),
                by: .nobody,
                now: FleetFixture.now()
            )
            let cancel = try #require(try await agent.poll(3, held: go.number).sealed.first)

            #expect(go.kind == .go && isSigned(go, as: .go, by: fixture.signer))
            #expect(try OrderContent.go(go.content, delivery: 1).agent == AgentID("agent-1"))
            #expect(cancel.kind == .cancel && isSigned(cancel, as: .cancel, by: fixture.signer))
            #expect(!isSigned(cancel, as: .go, by: fixture.signer))
        }
    }

    @Test func `a job for any agent that goes to another one is signed for that one`() async throws {
        try await FleetFixture.with { fixture in
            let first = try fixture.connect()
            try await first.hello("web-1")
            let job = try await fixture.submit(target: "_any")
            let offered = try #require(try await first.poll(1).sealed.first)
            let second = try fixture.connect()
            try await second.hello("web-2")

            let changes = try await fixture.store.reassign(
                job.id,
                from: AgentID("agent-1"),
                to: (AgentID("agent-2"), "web-2"),
                now: FleetFixture.now()
            )
            fixture.directory.delivering(changes.deliveries)
            let given = try #require(try await second.poll(1).sealed.first)

            #expect(try isInTarget(AgentID("agent-1"), offered))
            #expect(try isInTarget(AgentID("agent-2"), given))
            #expect(try !isInTarget(AgentID("agent-1"), given))
            #expect(isSigned(given, as: .job, by: fixture.signer))
        }
    }

    @Test func `an agent is told the sets of keys that it does not have`() async throws {
        try await FleetFixture.with { fixture in
            var told: [[String]] = []
            for version in [0, 1] as [UInt64] {
                let answer = try await fixture.connect().hello("web-\(version)", jobKeysVersion: version)
                if case .welcome(let welcome) = answer { told.append(welcome.jobKeys) }
            }

            #expect(told == [[fixture.signer.current.text], []])
        }
    }
}

/// The envelopes that are kept.
struct SealCacheTests {
    private func key(_ number: UInt64) -> SealKey {
        SealKey(
            Assignment(
                jobID: JobID(high: 1, low: number),
                attempt: 1,
                delivery: 1,
                operation: OperationRequest(type: "ping"),
                startWithin: .zero,
                notBefore: Timestamp(milliseconds: 0),
                deadline: Timestamp(milliseconds: 1)
            )
        )
    }

    private func job(_ bytes: Int) -> SealedJob {
        SealedJob(
            envelope: Data(repeating: 0, count: bytes),
            keyID: "k",
            signature: Data(),
            tree: TargetTree([AgentID("a")])
        )
    }

    @Test func `what was used least lately goes first, and what was just signed stays`() {
        var cache = SealCache(maximumBytes: 10_000)
        for number in 1...5 as ClosedRange<UInt64> { cache.insert(job(1000), for: key(number)) }
        #expect(cache.job(key(1)) != nil)

        cache.insert(job(4000), for: key(6))

        #expect(cache.job(key(6)) != nil)
        #expect(cache.job(key(2)) == nil)
        cache.insert(job(50_000), for: key(7))
        #expect(cache.job(key(7)) != nil, "one that is larger than the whole cache is kept while it is the last")
        #expect(cache.job(key(1)) == nil)
    }

    @Test func `no more jobs than may are kept, however small they are`() {
        var cache = SealCache(maximumJobs: 100)
        for number in 1...101 as ClosedRange<UInt64> { cache.insert(job(1), for: key(number)) }

        #expect((1...101).count { cache.job(key($0)) != nil } == 50)
        #expect(cache.job(key(101)) != nil && cache.job(key(51)) == nil)
    }

    @Test func `the tree of a set is made once while the set is the same`() {
        var cache = SealCache()
        let agents = (1...5).map { AgentID("agent-\($0)") }
        cache.note(TargetTree(agents), of: agents)

        #expect(cache.tree(of: agents)?.root == TargetTree(agents).root)
        #expect(cache.tree(of: agents.dropLast()) == nil)
        for number in 6...9 { cache.note(TargetTree([AgentID("\(number)")]), of: [AgentID("\(number)")]) }
        #expect(cache.tree(of: agents) == nil, "a few are kept")
    }
}
