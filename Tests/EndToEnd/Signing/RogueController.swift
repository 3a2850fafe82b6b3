// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import Logging
import NNG
import Signing
import Synchronization
import Tunnel
import Wire

/// Speaks as the controller of a deployment, with its certificate, and hands out whatever a test tells it to.
///
/// It can sign with the controller's own key, to make what a thief may have seen pass by, and with one of its own.
final class RogueController: Sendable {
    /// The deployment's job key.
    let genuine: JobKey
    /// A key that nobody trusts.
    let own = JobKey()
    private let raw: RawReply
    private let state = Mutex(State())
    private let told: AsyncStream<RunReport>.Continuation
    /// What agents report, each report once.
    private let reports: AsyncStream<RunReport>

    private struct State {
        var deliveries: [SealedDelivery] = []
        var parked: (address: ReplyAddress, held: UInt64)?
        var held: UInt64 = 0
        var seen = Set<Int64>()
        var refusedOrders: [RefusedOrder] = []
    }

    private init(genuine: JobKey) throws {
        self.genuine = genuine
        raw = try RawReply(on: .rawReply())
        (reports, told) = AsyncStream.makeStream(of: RunReport.self, bufferingPolicy: .bufferingOldest(1000))
    }

    /// Runs `body` with a rogue controller, which listens on the port that `body` is given.
    static func with(
        _ deployment: Deployment,
        signing genuine: JobKey,
        _ body: (RogueController, _ port: Int) async throws -> Void
    ) async throws {
        let rogue = try RogueController(genuine: genuine)
        let listener = try rogue.raw.socket.listen(at: "tcp://127.0.0.1:0")
        let base = deployment.directory.path
        var configuration = EdgeService.Configuration(
            bindPort: 0,
            upstreamPort: Int(listener.port ?? 0),
            files: TLSFiles(
                certificateChain: "\(base)/tls/controller.pem",
                privateKey: "\(base)/tls/controller-key.pem",
                authorities: "\(base)/ca/ca.pem"
            )
        )
        configuration.bindHost = "127.0.0.1"
        let edge = EdgeService(
            configuration: configuration,
            directory: PeerDirectory(),
            logger: Logger(label: "rogue", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await edge.run() }
            group.addTask { try await rogue.serve() }
            try await body(rogue, edge.boundPort())
            group.cancelAll()
        }
        rogue.raw.close()
    }

    private func serve() async throws {
        for await batch in raw {
            for request in batch {
                let message = try AgentMessage(bytes: request.body)
                guard let answer = answer(message, request.address) else { continue }
                try raw.reply(to: request.address, body: answer.bytes)
            }
        }
    }

    private func answer(_ message: AgentMessage, _ address: ReplyAddress) -> ControllerMessage? {
        switch message {
        case .hello: return .welcome(Welcome(storeID: "rogue", heartbeat: .seconds(600)))
        case .credentials, .object, .upload, .output: return nil
        case .reports(let reports):
            for report in reports where state.withLock({ $0.seen.insert(report.sequence).inserted }) {
                told.yield(report)
            }
            return .receipt(reports.map(\.sequence))
        case .poll(let poll):
            return state.withLock { state in
                state.held = poll.held
                for order in poll.refusedOrders where !state.refusedOrders.contains(order) {
                    state.refusedOrders.append(order)
                }
                let work = state.deliveries.filter { $0.number > poll.held }
                state.parked = work.isEmpty ? (address, poll.held) : nil
                return work.isEmpty ? nil : .work(Work(storeID: "rogue", work, parked: .zero))
            }
        }
    }

    /// Hands out deliveries, numbered after those before them.
    func deliver(_ deliveries: [SealedDelivery]) throws {
        let answer = state.withLock { state -> (ReplyAddress, [SealedDelivery])? in
            for delivery in deliveries {
                state.deliveries.append(delivery.numbered(UInt64(state.deliveries.count + 1)))
            }
            guard let parked = state.parked else { return nil }
            state.parked = nil
            return (parked.address, state.deliveries.filter { $0.number > parked.held })
        }
        guard let (address, work) = answer else { return }
        try raw.reply(to: address, body: ControllerMessage.work(Work(storeID: "rogue", work, parked: .zero)).bytes)
    }

    /// Waits for the next outcomes of so many runs, by job.
    func outcomes(_ count: Int) async -> [JobID: RunOutcome] {
        var outcomes: [JobID: RunOutcome] = [:]
        for await report in reports {
            if case .ended(let outcome) = report.event { outcomes[report.jobID] = outcome }
            if outcomes.count == count { break }
        }
        return outcomes
    }

    /// Waits until a run has begun.
    func started() async {
        for await report in reports where report.event == .started { break }
    }

    /// The orders that the agent has said it does not follow.
    var refusedOrders: [RefusedOrder] { state.withLock { $0.refusedOrders } }

    /// Whether all that was delivered is said to be held.
    var isAllHeld: Bool {
        state.withLock { $0.held == UInt64($0.deliveries.count) }
    }
}

extension SealedDelivery {
    /// The same delivery with another number, or with something changed.
    func numbered(_ number: UInt64) -> SealedDelivery {
        SealedDelivery(
            number: number,
            jobID: jobID,
            kind: kind,
            content: content,
            keyID: keyID,
            signature: signature
        )
    }

    /// The same delivery with other bytes, under the signature of the first ones.
    func tampered(_ change: (inout Data) -> Void) -> SealedDelivery {
        var content = content
        change(&content)
        return SealedDelivery(
            number: number,
            jobID: jobID,
            kind: kind,
            content: content,
            keyID: keyID,
            signature: signature
        )
    }
}
