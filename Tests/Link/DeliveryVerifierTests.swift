// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Link
import Runner
import Signing
import Testing
import Wire

struct DeliveryVerifierTests {
    private let controller: TestController
    private let run = TestController.assignment(1)

    init() throws {
        controller = try TestController()
    }

    private func refusal(of sealed: SealedDelivery, by verifier: DeliveryVerifier? = nil) -> Refusal? {
        guard case .refusedRun(let run) = (verifier ?? controller.verifier()).open(sealed, delayedBy: .zero) else {
            return nil
        }
        #expect(run.delivery == sealed.number)
        #expect(run.key.jobID == sealed.jobID)
        #expect(!run.message.isEmpty)
        return run.refusal
    }

    @Test func `a run is believed as it was signed`() throws {
        let sealed = try controller.sealed(run)

        #expect(controller.verifier().open(sealed, delayedBy: .zero) == .accepted(.run(run)))
    }

    @Test func `the time that work was on its way is taken off the time it may still start`() throws {
        let sealed = try controller.sealed(run)
        let times = [Duration.seconds(20), .seconds(61)].map { delay -> Duration? in
            guard case .accepted(.run(let run)) = controller.verifier().open(sealed, delayedBy: delay) else {
                return nil
            }
            return run.startWithin
        }

        #expect(times == [.seconds(40), .zero])
    }

    // MARK: Signatures

    @Test func `a run that was changed after it was signed, in any byte, is refused`() throws {
        let sealed = try controller.sealed(run)
        for byte in sealed.content.indices {
            var content = sealed.content
            content[byte] ^= 1
            #expect(refusal(of: sealed.with(content: content)) == .signature, "byte \(byte)")
        }
        #expect(refusal(of: sealed.with(content: sealed.content + [0])) == .signature)
        #expect(refusal(of: sealed.with(content: Data())) == .signature)
    }

    @Test func `what nobody signed, or somebody who is not trusted, is refused`() throws {
        let sealed = try controller.sealed(run)
        let rogue = try TestController()

        #expect(refusal(of: sealed.with(signature: Data())) == .signature)
        #expect(refusal(of: sealed.with(keyID: "")) == .signature)
        #expect(refusal(of: try rogue.sealed(run)) == .signature)
        #expect(refusal(of: try rogue.sealed(run).with(keyID: controller.key.id)) == .signature, "under its name")
    }

    @Test func `what was signed as something else is refused`() throws {
        let sealed = try controller.sealed(run)
        let order = CancelOrder(jobID: run.jobID, delivery: 1, grace: nil, requestedBy: nil)
        for context in SigningContext.allCases where context != .job {
            let other = try controller.sealed(
                sealed.content,
                as: context,
                kind: sealed.kind,
                number: 1,
                jobID: run.jobID
            )
            #expect(refusal(of: other) == .signature)
        }
        let cancel = try controller.sealed(order)
        #expect(refusal(of: cancel.with(kind: sealed.kind)) == .signature)
    }

    @Test func `what is signed and cannot be read, or is of another job, is refused`() throws {
        let garbage = try controller.sealed(
            Data([0xFF, 0xFF]),
            as: .job,
            kind: try controller.sealed(run).kind,
            number: 1,
            jobID: run.jobID
        )
        let other = TestController.assignment(2)

        #expect(refusal(of: garbage) == .envelope)
        #expect(refusal(of: try controller.sealed(run).with(jobID: other.jobID)) == .envelope)
    }

    // MARK: Target

    @Test func `a run for others is refused, whatever proof comes with it`() throws {
        let others = (1...9).map { AgentID("other-\($0)") }
        let agents = others + [TestController.agent]

        #expect(refusal(of: try controller.sealed(run, for: others[0], of: others)) == .target)
        #expect(refusal(of: try controller.sealed(run, for: others[0], of: agents)) == .target, "another one's proof")
        #expect(refusal(of: try controller.sealed(run, of: agents)) == nil)
        #expect(refusal(of: try controller.sealed(run, of: agents), by: controller.verifier(of: others[3])) == .target)
    }

    // MARK: Times

    @Test(arguments: [
        (-400, Refusal.notBefore), (-300, nil), (0, nil), (60, nil), (359, nil), (360, .deadline), (86_400, .deadline),
    ])
    func `a run counts between its times, as far as clocks agree`(_ seconds: Int, _ expected: Refusal?) throws {
        let verifier = controller.verifier { TestController.noon + .seconds(seconds) }

        #expect(refusal(of: try controller.sealed(run), by: verifier) == expected)
    }

    @Test(arguments: [
        (-86_400, -86_300, Refusal.notBefore), (-86_400, 0, nil), (0, 86_400, nil), (-86_400, 86_400, nil),
        (86_400, 86_500, .deadline),
    ])
    func `a run counts where one of the host's clocks says so, since either may have been set`(
        _ earliest: Int,
        _ latest: Int,
        _ expected: Refusal?
    ) throws {
        let verifier = DeliveryVerifier(agentID: { TestController.agent }, trust: JobTrust(controller.keys)) {
            TestController.noon + .seconds(earliest)...TestController.noon + .seconds(latest)
        }

        #expect(refusal(of: try controller.sealed(run), by: verifier) == expected)
    }

    @Test func `what is said beside the envelope cannot make a run start later than it says`() throws {
        let sealed = try controller.sealed(TestController.assignment(1, startWithin: .seconds(1_000_000)))

        guard case .accepted(.run(let run)) = controller.verifier().open(sealed, delayedBy: .zero) else {
            Issue.record("it was refused")
            return
        }
        #expect(run.startWithin == .seconds(360), "a minute and the tolerance")
    }

    // MARK: Orders

    @Test func `an order is followed only where a trusted key signed it`() throws {
        let cancel = CancelOrder(jobID: run.jobID, delivery: 2, grace: .seconds(1), requestedBy: "ann")
        let go = GoOrder(jobID: run.jobID, delivery: 3)
        let rogue = try TestController()
        let verifier = controller.verifier()

        #expect(verifier.open(try controller.sealed(cancel), delayedBy: .zero) == .accepted(.cancel(cancel)))
        #expect(verifier.open(try controller.sealed(go), delayedBy: .zero) == .accepted(.go(go)))
        let forged: [(SealedDelivery, Refusal)] = [
            (try rogue.sealed(cancel), .signature), (try rogue.sealed(go), .signature),
            (try controller.sealed(cancel).with(signature: Data()), .signature),
            (try controller.sealed(cancel).with(jobID: TestController.assignment(9).jobID), .envelope),
            (try controller.sealed(go, for: AgentID("another")), .target),
        ]
        for (sealed, refusal) in forged {
            guard case .refusedOrder(let order) = verifier.open(sealed, delayedBy: .zero) else {
                Issue.record("it was accepted")
                continue
            }
            #expect(order.delivery == sealed.number && order.jobID == sealed.jobID)
            #expect(order.error.code == refusal.rawValue && !order.error.message.isEmpty)
        }
    }
}
