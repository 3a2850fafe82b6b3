// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import JobDispatch

/// How pieces of output go from an agent to who asked for them.
@Suite(.timeLimit(.minutes(10)))
struct OutputTransferTests {
    private static func piece(_ offset: Int, isLast: Bool = false) -> AgentOutputPiece {
        AgentOutputPiece(offset: offset, bytes: [1], keptBytes: 9, isLast: isLast)
    }

    /// What an agent is answered.
    private final class Answers: Sendable {
        private let given = Mutex<[Bool]>([])
        var all: [Bool] { given.withLock { $0 } }
        func answer(_ goesOn: Bool) { given.withLock { $0.append(goesOn) } }
    }

    @Test func `a piece is answered when it is taken, and the last one ends the transfer`() async throws {
        let answers = Answers()
        let mailbox = OutputMailbox()
        let transfer = OutputTransfer(mailbox)

        mailbox.put(Self.piece(0), answer: answers.answer)
        #expect(answers.all.isEmpty, "who sends waits for who reads")
        #expect(try await transfer.next() == Self.piece(0))
        #expect(answers.all == [true])
        mailbox.put(Self.piece(1, isLast: true), answer: answers.answer)
        #expect(try await transfer.next() == Self.piece(1, isLast: true))
        #expect(answers.all == [true, false])
        #expect(try await transfer.next() == nil)
    }

    @Test func `who waits gets the piece that comes`() async throws {
        let mailbox = OutputMailbox()
        let transfer = OutputTransfer(mailbox)
        let answers = Answers()

        let taken = Task { try await transfer.next() }
        // Whichever is first.
        await Task.yield()
        mailbox.put(Self.piece(3), answer: answers.answer)
        let piece = try await taken.value

        #expect(piece == Self.piece(3) && answers.all == [true])
    }

    @Test func `a second piece before the first is taken is refused`() async throws {
        let mailbox = OutputMailbox()
        let transfer = OutputTransfer(mailbox)
        let (first, second) = (Answers(), Answers())

        mailbox.put(Self.piece(0), answer: first.answer)
        mailbox.put(Self.piece(1), answer: second.answer)

        #expect(first.all.isEmpty && second.all == [false])
        #expect(try await transfer.next() == Self.piece(0))
    }

    @Test func `an agent is told to stop once nobody reads any more`() async throws {
        let answers = Answers()
        let released = Mutex(false)
        let mailbox = OutputMailbox { released.withLock { $0 = true } }
        do {
            let transfer = OutputTransfer(mailbox)
            mailbox.put(Self.piece(0), answer: answers.answer)
            withExtendedLifetime(transfer) {}
        }

        #expect(answers.all == [false] && released.withLock { $0 })
        mailbox.put(Self.piece(1), answer: answers.answer)
        #expect(answers.all == [false, false])
    }

    @Test func `a lost link ends the transfer with its reason, at once`() async throws {
        let mailbox = OutputMailbox()
        let transfer = OutputTransfer(mailbox)

        let taken = Task { try await transfer.next() }
        await Task.yield()
        mailbox.fail(.offline)

        await #expect(throws: OutputFault.offline) { try await taken.value }
        await #expect(throws: OutputFault.offline) { try await transfer.next() }
    }

    @Test func `cancelling who waits ends the transfer`() async throws {
        let mailbox = OutputMailbox()
        let task = Task {
            let transfer = OutputTransfer(mailbox)
            return try await transfer.next()
        }
        task.cancel()

        await #expect(throws: OutputFault.untaken) { try await task.value }
    }

    @Test func `whoever keeps the other waiting for too long ends it`() async throws {
        let (slow, silent) = (OutputMailbox(), OutputMailbox())
        let (slowReader, waiting) = (OutputTransfer(slow), OutputTransfer(silent))
        let answers = Answers()
        slow.put(Self.piece(0), answer: answers.answer)
        slow.expire(now: .now, patience: .seconds(30))
        #expect(answers.all.isEmpty)

        slow.expire(now: .now + .seconds(31), patience: .seconds(30))
        #expect(answers.all == [false])
        await #expect(throws: OutputFault.untaken) { try await slowReader.next() }

        silent.expire(now: .now + .seconds(31), patience: .seconds(30))
        let taken = Task { try await waiting.next() }
        await Task.yield()
        while true {
            // Nobody waits yet, or somebody does.
            silent.expire(now: .now + .seconds(31), patience: .seconds(30))
            if silent.hasEnded { break }
            await Task.yield()
        }
        await #expect(throws: OutputFault.silent) { try await taken.value }
    }
}
