// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Link
import Logging
import Signing
import Wire

/// Signs what agents are sent, as a controller does.
struct TestController: Sendable {
    let key: JobKey
    let keys: JobKeySet

    init() throws {
        key = JobKey()
        keys = try JobKeySet(version: 1, keys: [key.publicKey], signedBy: [])
    }

    /// A run for `agent` of a job that is for `agents`.
    func sealed(
        _ run: Assignment,
        for agent: AgentID = Self.agent,
        of agents: [AgentID] = [Self.agent]
    ) throws
        -> SealedDelivery
    {
        let tree = TargetTree(agents)
        let place = tree.place(of: agent)
        return try sealed(
            Envelope(of: run, targetSize: UInt64(tree.size), targetRoot: tree.root.bytes).bytes,
            as: .job,
            kind: .run(
                startWithin: run.startWithin,
                SealedDelivery.Place(index: place?.index ?? 0, path: Data(place?.path ?? []))
            ),
            number: run.delivery,
            jobID: run.jobID
        )
    }

    func sealed(_ order: CancelOrder) throws -> SealedDelivery {
        let content = OrderContent.bytes(of: order)
        return try sealed(content, as: .cancel, kind: .cancel, number: order.delivery, jobID: order.jobID)
    }

    func sealed(_ order: GoOrder, for agent: AgentID = Self.agent) throws -> SealedDelivery {
        let content = OrderContent.bytes(of: order, for: agent)
        return try sealed(content, as: .go, kind: .go, number: order.delivery, jobID: order.jobID)
    }

    func sealed(
        _ content: Data,
        as context: SigningContext,
        kind: SealedDelivery.Kind,
        number: UInt64,
        jobID: JobID
    ) throws -> SealedDelivery {
        let signature = try key.sign(content, as: context)
        return SealedDelivery(
            number: number,
            jobID: jobID,
            kind: kind,
            content: content,
            keyID: signature.keyID,
            signature: Data(signature.bytes)
        )
    }

    /// The agent of most tests.
    static let agent = AgentID("0123456789abcdef0123456789abcdef")

    func verifier(
        of agent: AgentID = Self.agent,
        trusting trust: JobTrust? = nil,
        tolerance: Duration = .seconds(300),
        now: @escaping @Sendable () -> Timestamp = { Self.noon }
    ) -> DeliveryVerifier {
        DeliveryVerifier(agentID: { agent }, trust: trust ?? JobTrust(keys), tolerance: tolerance) {
            let now = now()
            return now...now
        }
    }

    static let noon = Timestamp(milliseconds: 1_795_262_400_000)

    /// A job whose number is that of its delivery, submitted at noon for a minute.
    static func assignment(
        _ delivery: UInt64,
        policy: ExecutionPolicy = .once,
        startWithin: Duration = .seconds(60)
    ) -> Assignment {
        Assignment(
            jobID: JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41 + delivery),
            attempt: 1,
            delivery: delivery,
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"]]),
            startWithin: startWithin,
            policy: policy,
            submittedBy: "ann",
            notBefore: noon,
            deadline: noon + .seconds(60)
        )
    }
}

let silentLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

extension SealedDelivery {
    /// The same delivery with something changed.
    func with(
        jobID: JobID? = nil,
        kind: Kind? = nil,
        content: Data? = nil,
        keyID: String? = nil,
        signature: Data? = nil
    ) -> SealedDelivery {
        SealedDelivery(
            number: number,
            jobID: jobID ?? self.jobID,
            kind: kind ?? self.kind,
            content: content ?? self.content,
            keyID: keyID ?? self.keyID,
            signature: signature ?? self.signature
        )
    }
}
