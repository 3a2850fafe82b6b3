// SPDX-License-Identifier: Apache-2.0

import Jobs
import Link
import NNG
import Runner
import Wire

extension TestController {
    /// Plays the controller: `answer` is given each message and may leave it without an answer.
    func withLink(
        runner: any RunHolder = SimulatedRunner(ledgerID: "ledger"),
        pollGrace: Duration = .seconds(15),
        conditionInterval: Duration = .seconds(10),
        ownFacts: @escaping @Sendable () -> [String: JSONValue] = { [:] },
        objects: ObjectLine? = nil,
        seeing look: @escaping @Sendable (Request) -> Void = { _ in },
        answer: @escaping @Sendable (AgentMessage) -> ControllerMessage?,
        _ body: (AsyncStream<AgentMessage>) async throws -> Void
    ) async throws {
        let raw = try RawReply(on: .rawReply())
        let listener = try raw.socket.listen(at: "tcp://127.0.0.1:0")
        let url = listener.url
        var configuration = LinkConfiguration(hostname: "web-1", labels: ["env": "test"], version: "test")
        configuration.backoffMinimum = .milliseconds(10)
        configuration.pollGrace = pollGrace
        configuration.conditionInterval = conditionInterval
        let link = LinkService(
            configuration: configuration,
            runner: runner,
            verifier: verifier(),
            instance: "instance",
            dialURL: { url },
            collectFacts: { ["cpus": 2] },
            ownFacts: ownFacts,
            objects: objects,
            logger: silentLogger
        )
        let (seen, told) = AsyncStream.makeStream(of: AgentMessage.self, bufferingPolicy: .bufferingOldest(1000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await link.run() }
            group.addTask {
                for await batch in raw {
                    for request in batch {
                        let message = try AgentMessage(bytes: request.body)
                        told.yield(message)
                        look(request)
                        if let reply = answer(message) { try raw.reply(to: request.address, body: reply.bytes) }
                    }
                }
            }
            try await body(seen)
            group.cancelAll()
        }
        raw.close()
    }
}
