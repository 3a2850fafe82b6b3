// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import JobKeys
import Jobs
import Signing
import Testing
import Tunnel
import Wire

/// Agents as real processes, and controllers that send them what nobody who may has signed.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct SignedJobsTests {
    /// Makes what a controller sends to `web-1`: a command that writes a word to the file `trace`.
    private struct Forge {
        let deployment: Deployment
        let agent: AgentID

        init(_ deployment: Deployment) throws {
            self.deployment = deployment
            agent = AgentID(try agentID(ofCertificatePEMFile: deployment.path("tls/web-1.pem")))
        }

        static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

        func job(
            _ word: String,
            signedBy key: JobKey,
            for agents: [AgentID]? = nil,
            deadline: Duration = .seconds(600),
            command: String? = nil
        ) throws -> SealedDelivery {
            let id = JobID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
            let line = command ?? "echo \(word) >>'\(deployment.path("trace"))'"
            let tree = TargetTree(agents ?? [agent])
            let envelope = Envelope(
                of: Assignment(
                    jobID: id,
                    attempt: 1,
                    delivery: 1,
                    operation: OperationRequest(type: "command.shell", data: ["command": .string(line)]),
                    startWithin: .seconds(600),
                    submittedBy: "ann",
                    notBefore: Self.now + min(.zero, deadline) + .seconds(-1),
                    deadline: Self.now + deadline
                ),
                targetSize: UInt64(tree.size),
                targetRoot: tree.root.bytes
            )
            let place = tree.place(of: agents?.first ?? agent)
            return try sealed(
                envelope.bytes,
                as: .job,
                .run(
                    startWithin: .seconds(600),
                    SealedDelivery.Place(index: place?.index ?? 0, path: Data(place?.path ?? []))
                ),
                of: id,
                by: key
            )
        }

        func cancel(_ id: JobID, signedBy key: JobKey) throws -> SealedDelivery {
            let order = CancelOrder(jobID: id, delivery: 1, grace: .zero, requestedBy: "mallory")
            return try sealed(OrderContent.bytes(of: order), as: .cancel, .cancel, of: id, by: key)
        }

        private func sealed(
            _ content: Data,
            as context: SigningContext,
            _ kind: SealedDelivery.Kind,
            of id: JobID,
            by key: JobKey
        ) throws -> SealedDelivery {
            let signature = try key.sign(content, as: context)
            return SealedDelivery(
                number: 1,
                jobID: id,
                kind: kind,
                content: content,
                keyID: signature.keyID,
                signature: Data(signature.bytes)
            )
        }
    }

    /// Runs `body` with a rogue controller to which `web-1` is connected.
    private func withRogue(
        _ body: (Deployment, RogueController, Forge) async throws -> Void
    ) async throws {
        try await Deployment.with { deployment in
            let keys = JobKeyDirectory(stateDirectory: deployment.path("controller"))
            let genuine = try #require(try keys.open()).key
            try await RogueController.with(deployment, signing: genuine) { rogue, port in
                try await deployment.startAgent("web-1", through: "127.0.0.1:\(port)")
                try await body(deployment, rogue, try Forge(deployment))
            }
        }
    }

    @Test func `what a rogue controller makes up is refused, reported, and not executed`() async throws {
        try await withRogue { deployment, rogue, forge in
            let other = AgentID("00112233445566778899aabbccddeeff")
            let genuine = try forge.job("genuine", signedBy: rogue.genuine)
            let others = try forge.job("swapped", signedBy: rogue.genuine)
            let cases: [(SealedDelivery, String?)] = [
                (try forge.job("own-key", signedBy: rogue.own), "refused_signature"),
                (
                    try forge.job("tampered", signedBy: rogue.genuine)
                        .tampered { $0[$0.count / 2] ^= 1 }, "refused_signature"
                ),
                (
                    SealedDelivery(
                        number: 1,
                        jobID: JobID(high: 1, low: 1),
                        kind: others.kind,
                        content: others.content,
                        keyID: others.keyID,
                        signature: others.signature
                    ), "refused_envelope"
                ),
                (try forge.job("retargeted", signedBy: rogue.genuine, for: [other]), "refused_target"),
                (try forge.job("expired", signedBy: rogue.genuine, deadline: .seconds(-3600)), "refused_deadline"),
                (genuine, nil),
            ]

            try rogue.deliver(cases.map(\.0))

            let ended = await rogue.outcomes(cases.count)
            for (delivery, code) in cases {
                let outcome = try #require(ended[delivery.jobID])
                #expect(outcome.error?.code == code, "\(outcome)")
                #expect(outcome.state == (code == nil ? .completed : .failed))
            }
            #expect(deployment.text("trace") == "genuine\n")
        }
    }

    @Test func `a job that is sent again is not executed again`() async throws {
        try await withRogue { deployment, rogue, forge in
            let seen = try forge.job("once", signedBy: rogue.genuine)
            try rogue.deliver([seen])
            _ = await rogue.outcomes(1)

            try rogue.deliver([seen, seen, try forge.job("last", signedBy: rogue.genuine)])

            #expect(await rogue.outcomes(1).count == 1, "the last one alone")
            #expect(deployment.text("trace") == "once\nlast\n")
        }
    }

    @Test func `an order to cancel that nobody who may has signed ends nothing`() async throws {
        try await withRogue { deployment, rogue, forge in
            let wait =
                "until [ -e '\(deployment.path("gate"))' ]; do sleep 0.05; done; echo done >>'\(deployment.path("trace"))'"
            let run = try forge.job("", signedBy: rogue.genuine, command: wait)
            try rogue.deliver([run])
            await rogue.started()

            try rogue.deliver([
                try forge.cancel(run.jobID, signedBy: rogue.own),
                try forge.cancel(JobID(high: 7, low: 7), signedBy: rogue.genuine).delivered(as: run.jobID),
            ])
            while !rogue.isAllHeld { try await Task.sleep(for: .milliseconds(20)) }
            try deployment.touch("gate")

            #expect(await rogue.outcomes(1)[run.jobID]?.state == .completed)
            #expect(deployment.text("trace") == "done\n")
            #expect(rogue.refusedOrders.map(\.error.code) == ["refused_signature", "refused_envelope"])
        }
    }

    @Test func `an order that its agent refuses is a line of the job's timeline, and the run goes on`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            let id = try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let wait = "until [ -e '\(deployment.path("gate"))' ]; do sleep 0.05; done"
                let job = try await client.submitShell(wait)
                return try await deployment.job(job.id, client) { $0.agentCounts[.started] == 1 }.id
            }
            // A controller that has lost its job key, and signs with one that nobody has vouched for.
            try await deployment.killController()
            try FileManager.default.removeItem(atPath: deployment.path("controller/job-keys"))
            try await deployment.startController()

            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                _ = try await client.cancel(id)
                let told = try await deployment.job(id, client) { job in
                    job.timeline?.contains { $0.event == .orderRefused } == true
                }
                let line = try #require(told.timeline?.last { $0.event == .orderRefused })
                #expect(line.hostname == "web-1" && line.error?.code == "refused_signature")
                #expect(line.message?.hasPrefix("the order to cancel: this agent trusts no job key") == true)
                try deployment.touch("gate")
                let end = try await deployment.end(of: id, client)
                #expect(end.status == .completed)
                #expect(end.timeline?.count { $0.event == .orderRefused } == 1)
                #expect(end.timeline?.contains { $0.event == .cancelDelivered } == false)
            }
        }
    }

    @Test func `a run that its agent refuses ends as failed in the record, with the code and a line of the timeline`()
        async throws
    {
        try await Deployment.with { deployment in
            let foreign = try JobSigner.new().current.text
            try foreign.write(toFile: deployment.path("foreign-keys"), atomically: true, encoding: .utf8)
            try await deployment.startAgent("web-1", settings: ["jobs.keys": deployment.path("foreign-keys")])
            try await deployment.startAgent("web-2")
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                let policy = RetryPolicy(maxAttempts: 5)

                let job = try await client.submit(shell: "echo ran >>'\(deployment.path("trace"))'", retry: policy)
                let ended = try await deployment.end(of: job.id, client)

                #expect(ended.status == .partialFailure)
                let run = try #require(try await client.runs(of: job.id).items.first { $0.hostname == "web-1" })
                #expect(run.state == .failed && run.changed == false && run.attempt == 1)
                #expect(run.error?.code == "refused_signature")
                let line = try #require(ended.timeline?.last { $0.hostname == "web-1" })
                #expect(line.event == .failed && line.error?.code == "refused_signature")
                #expect(deployment.text("trace") == "ran\n", "on the other host")
            }
        }
    }

    @Test func `an agent without job keys does not start`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent(
                "web-1",
                settings: ["jobs.keys": deployment.path("no-such-file")]
            )

            #expect(try await agent.ended() == 1)
            #expect(deployment.text("web-1.log").contains("job keys cannot be used"))
        }
    }
}

extension SealedDelivery {
    /// The same delivery in the name of another job.
    fileprivate func delivered(as id: JobID) -> SealedDelivery {
        SealedDelivery(
            number: number,
            jobID: id,
            kind: kind,
            content: content,
            keyID: keyID,
            signature: signature
        )
    }
}
