// SPDX-License-Identifier: Apache-2.0

package import JobDispatch
package import Jobs
import Logging
import NNG
import Synchronization
import Wire

extension FleetService: AgentOutputs {
    /// Asks an agent for a part of an output, with an answer to its poll.
    package func begin(
        _ question: OutputQuestion,
        at agent: AgentID
    ) async throws(OutputFault) -> OutputTransfer {
        guard directory.agent(agent)?.connected == true else { throw .offline }
        let transfer = try outputs.add(question, at: agent)
        do {
            try await sendOutputRequests(to: CollectionOfOne(agent))
        } catch {
            throw .offline
        }
        return transfer
    }

    /// Answers the parked polls of those of `agents` for which there are questions; the others get theirs with the answer to
    /// their next poll.
    ///
    /// - Throws: `NNGError` once the socket is closed.
    func sendOutputRequests(to agents: some Collection<AgentID>) async throws {
        let waiting = outputs.waiting(among: agents)
        guard !waiting.isEmpty else { return }
        let taken = table.withLock { $0.take(waiting, now: .now) }
        directory.setParked(taken.lazy.map(\.agent), false)
        try await answer(taken.map { ($0.address, work([], for: $0)) })
    }

    /// Takes a piece of output; it is answered when there is room for the next.
    func take(_ piece: OutputPiece, from agent: AgentID, _ request: Request) {
        outputs.take(piece, from: agent) { [raw, logger] goesOn in
            do {
                try raw.reply(to: request.address, body: ControllerMessage.outputReceipt(goesOn: goesOn).bytes)
            } catch {
                // The agent asks no more of it than any other answer: after a while it gives up.
                logger.debug("a piece of output was not answered", metadata: ["error": "\(error)"])
            }
        }
    }
}
