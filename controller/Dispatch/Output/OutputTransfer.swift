// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The answer of an agent to a question for output, taken piece by piece.
///
/// The agent sends the next piece when the one before was taken, so that no more than one waits here. Letting go of the
/// transfer ends it: the agent is told to stop with its next piece.
package final class OutputTransfer: Sendable {
    private let mailbox: OutputMailbox

    /// Makes the reader's end of a mailbox; there is one.
    package init(_ mailbox: OutputMailbox) {
        self.mailbox = mailbox
    }

    deinit { mailbox.abandon() }

    /// Waits for the next piece; nil after the last one.
    ///
    /// To be called by one task at a time. Cancelling it ends the transfer.
    ///
    /// - Returns: the piece.
    /// - Throws: ``OutputFault``; `CancellationError` is told as `untaken`.
    package func next() async throws(OutputFault) -> AgentOutputPiece? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { mailbox.take($0) }
        } onCancel: {
            mailbox.fail(.untaken)
        }
        return try result.get()
    }
}

/// Where the pieces of one transfer come in.
package final class OutputMailbox: Sendable {
    /// Tells the agent whether to send more.
    package typealias Answer = @Sendable (_ goesOn: Bool) -> Void
    typealias Taken = Result<AgentOutputPiece?, OutputFault>

    private struct State {
        var waiting: (piece: AgentOutputPiece, answer: Answer)?
        var reader: CheckedContinuation<Taken, Never>?
        /// Set at the end: nil within for a regular one.
        var end: OutputFault??
        /// Since when one side waits for the other.
        var since = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let released: @Sendable () -> Void

    /// Makes an empty mailbox.
    ///
    /// - Parameter released: called once its reader has let go of it.
    package init(released: @escaping @Sendable () -> Void = {}) {
        self.released = released
    }

    /// Puts a piece in, whose sender waits for the answer.
    package func put(_ piece: AgentOutputPiece, answer: @escaping Answer) {
        enum Step {
            case keep
            case refuse
            case give(CheckedContinuation<Taken, Never>)
        }
        let step: Step = state.withLock { state in
            guard state.end == nil, state.waiting == nil else { return .refuse }
            state.since = .now
            guard let reader = state.reader else {
                state.waiting = (piece, answer)
                return .keep
            }
            state.reader = nil
            if piece.isLast { state.end = .some(nil) }
            return .give(reader)
        }
        switch step {
        case .keep: break
        case .refuse: answer(false)
        case .give(let reader):
            reader.resume(returning: .success(piece))
            answer(!piece.isLast)
        }
    }

    /// Ends the transfer; what waits to be taken is not given any more.
    package func fail(_ fault: OutputFault) {
        end(fault)
    }

    /// Ends the transfer where one side has waited for the other for longer than `patience`.
    package func expire(now: ContinuousClock.Instant, patience: Duration) {
        let fault: OutputFault? = state.withLock { state in
            guard state.end == nil, now - state.since > patience else { return nil }
            if state.reader != nil { return .silent }
            return state.waiting != nil ? .untaken : nil
        }
        if let fault { end(fault) }
    }

    /// Whether nothing more is taken in.
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    private func end(_ fault: OutputFault?) {
        let (reader, answer) = state.withLock { state in
            defer {
                state.reader = nil
                state.waiting = nil
                if state.end == nil { state.end = .some(fault) }
            }
            return (state.reader, state.waiting?.answer)
        }
        answer?(false)
        reader?.resume(returning: fault.map { .failure($0) } ?? .success(nil))
    }

    fileprivate func abandon() {
        end(.untaken)
        released()
    }

    fileprivate func take(_ reader: CheckedContinuation<Taken, Never>) {
        enum Step {
            case wait
            case give(Taken, Answer?, Bool)
        }
        let step: Step = state.withLock { state in
            if let end = state.end { return .give(end.map { .failure($0) } ?? .success(nil), nil, false) }
            state.since = .now
            guard let (piece, answer) = state.waiting else {
                state.reader = reader
                return .wait
            }
            state.waiting = nil
            if piece.isLast { state.end = .some(nil) }
            return .give(.success(piece), answer, !piece.isLast)
        }
        guard case .give(let taken, let answer, let goesOn) = step else { return }
        reader.resume(returning: taken)
        answer?(goesOn)
    }
}
