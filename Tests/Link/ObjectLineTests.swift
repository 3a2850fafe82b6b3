// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization
import Testing
import Wire

@testable import Link

/// Questions for the controller's objects, which wait for the link.
@Suite(.timeLimit(.minutes(2)))
struct ObjectLineTests {
    private static let question = AgentMessage.object(
        ObjectQuestion(sha256: String(repeating: "0", count: 64), offset: 0, length: 1)
    )
    private static let answer = ControllerMessage.piece(
        ObjectPiece(sha256: String(repeating: "0", count: 64), totalBytes: 1, offset: 0, bytes: [7])
    )

    @Test func `a question stays until it is answered, whatever becomes of links`() async throws {
        let line = ObjectLine()
        async let answered = line.ask(Self.question)
        var number: UInt64?
        // Two links that break before they bring an answer, and one that does.
        for _ in 0..<3 {
            for await _ in line.signals() {
                guard let first = line.next(now: .now) else { continue }
                #expect(number == nil || number == first.number)
                number = first.number
                break
            }
        }
        line.answer(try #require(number), .success(Self.answer))
        let answer = try await answered
        #expect(answer == Self.answer)
        #expect(line.next(now: .now) == nil)
    }

    @Test func `questions are asked in their order`() async throws {
        let line = ObjectLine()
        line.tell(Self.question)
        let first = try #require(line.next(now: .now))
        line.tell(Self.question)
        #expect(line.next(now: .now)?.number == first.number)
        line.answer(first.number, .success(Self.answer))
        #expect(line.next(now: .now)?.number == first.number + 1)
    }

    @Test func `who gives up waiting is answered at once, and asks nothing any more`() async throws {
        let line = ObjectLine()
        let asking = Task { try await line.ask(Self.question) }
        for await _ in line.signals() where line.next(now: .now) != nil { break }
        asking.cancel()
        await #expect(throws: CancellationError.self) { _ = try await asking.value }
        #expect(line.next(now: .now) == nil)
    }

    @Test func `a question that is put off lets the others go before it, and has its turn when its time has come`()
        throws
    {
        let line = ObjectLine()
        let now = ContinuousClock.now
        for _ in 1...3 { line.tell(Self.question) }
        func next(after seconds: Int) -> UInt64? { line.next(now: now + .seconds(seconds))?.number }

        line.postpone(1, until: now + .seconds(5))
        #expect(next(after: 0) == 2)
        line.postpone(2, until: now)
        #expect(next(after: 0) == 3)
        line.answer(3, .success(Self.answer))
        #expect(next(after: 0) == 2)
        line.answer(2, .success(Self.answer))
        #expect(next(after: 4) == nil)
        #expect(next(after: 5) == 1)
        line.postpone(9, until: now)

        // Over a new link all is asked at once.
        _ = line.signals()
        #expect(next(after: 0) == 1)
    }
}
