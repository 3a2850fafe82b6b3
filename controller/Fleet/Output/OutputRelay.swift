// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Synchronization
import Wire

/// The questions for output that are under way, by their numbers: which wait to be sent, and where their answers go.
///
/// In memory only. A question ends with its reader, with the link of its agent, or when one side has waited for too long.
final class OutputRelay: Sendable {
    /// How many questions may be under way at one agent.
    private static let mostAtAgent = 8

    private struct State {
        var nextID = UInt64.random(in: 1...1 << 32)
        var open: [UInt64: (agent: AgentID, mailbox: OutputMailbox)] = [:]
        var unsent: [AgentID: [OutputRequest]] = [:]
    }

    private let state = Mutex(State())

    /// Takes a question in, to be sent with the next answer to a poll of the agent.
    ///
    /// - Throws: ``OutputFault`` `busy`.
    func add(_ question: OutputQuestion, at agent: AgentID) throws(OutputFault) -> OutputTransfer {
        let mailbox = state.withLock { state -> OutputMailbox? in
            guard state.open.values.count(where: { $0.agent == agent }) < Self.mostAtAgent else { return nil }
            let id = state.nextID
            state.nextID += 1
            let mailbox = OutputMailbox { [weak self] in self?.forget(id, of: agent) }
            state.open[id] = (agent, mailbox)
            state.unsent[agent, default: []].append(OutputRequest(id: id, question))
            return mailbox
        }
        guard let mailbox else { throw .busy }
        return OutputTransfer(mailbox)
    }

    private func forget(_ id: UInt64, of agent: AgentID) {
        state.withLock { state in
            state.open[id] = nil
            state.unsent[agent]?.removeAll { $0.id == id }
            if state.unsent[agent]?.isEmpty == true { state.unsent[agent] = nil }
        }
    }

    /// Those of some agents for which a question waits to be sent.
    func waiting(among agents: some Collection<AgentID>) -> [AgentID] {
        state.withLock { state in
            state.unsent.isEmpty ? [] : agents.filter { state.unsent[$0] != nil }
        }
    }

    /// Takes the questions that are to be sent to an agent.
    func takeUnsent(for agent: AgentID) -> [OutputRequest] {
        state.withLock { $0.unsent.removeValue(forKey: agent) ?? [] }
    }

    /// Takes a piece in; `answer` is called once, when the agent may send the next, or is not to.
    func take(_ piece: OutputPiece, from agent: AgentID, answer: @escaping OutputMailbox.Answer) {
        let mailbox = state.withLock { state in
            state.open[piece.requestID].flatMap { $0.agent == agent ? $0.mailbox : nil }
        }
        guard let mailbox else { return answer(false) }
        if let error = piece.error {
            mailbox.fail(OutputFault(error))
            return answer(false)
        }
        mailbox.put(
            AgentOutputPiece(
                piece.stream,
                offset: piece.offset,
                bytes: piece.bytes,
                keptBytes: piece.keptBytes,
                isLast: piece.isLast
            ),
            answer: answer
        )
    }

    /// Ends the questions to an agent whose link is lost.
    func lost(_ agent: AgentID) {
        let mailboxes = state.withLock { state in
            state.unsent[agent] = nil
            return state.open.values.filter { $0.agent == agent }.map(\.mailbox)
        }
        for mailbox in mailboxes { mailbox.fail(.offline) }
    }

    /// Ends the questions where one side has waited for longer than `patience`.
    func expire(now: ContinuousClock.Instant, patience: Duration) {
        let mailboxes = state.withLock { $0.open.values.map(\.mailbox) }
        for mailbox in mailboxes { mailbox.expire(now: now, patience: patience) }
    }
}

extension OutputRequest {
    fileprivate init(id: UInt64, _ question: OutputQuestion) {
        if question.isFollowing {
            self.init(
                id: id,
                following: question.jobID,
                attempt: question.attempt,
                stdout: question.range.lowerBound,
                stderr: question.errorPlace
            )
        } else {
            self.init(
                id: id,
                jobID: question.jobID,
                attempt: question.attempt,
                stream: question.stream,
                offset: question.range.lowerBound,
                length: question.range.count
            )
        }
    }
}

extension OutputFault {
    /// What an agent's error means.
    fileprivate init(_ error: RunError) {
        self = error.code == "busy" ? .busy : .gone
    }
}
