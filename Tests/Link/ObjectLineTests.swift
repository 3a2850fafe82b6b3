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
                guard let first = line.first else { continue }
                #expect(number == nil || number == first.number)
                number = first.number
                break
            }
        }
        line.answer(try #require(number), .success(Self.answer))
        let answer = try await answered
        #expect(answer == Self.answer)
        #expect(line.first == nil)
    }

    @Test func `questions are asked in their order`() async throws {
        let line = ObjectLine()
        line.tell(Self.question)
        let first = try #require(line.first)
        line.tell(Self.question)
        #expect(line.first?.number == first.number)
        line.answer(first.number, .success(Self.answer))
        #expect(line.first?.number == first.number + 1)
    }

    @Test func `who gives up waiting is answered at once, and asks nothing any more`() async throws {
        let line = ObjectLine()
        let asking = Task { try await line.ask(Self.question) }
        for await _ in line.signals() where line.first != nil { break }
        asking.cancel()
        await #expect(throws: CancellationError.self) { _ = try await asking.value }
        #expect(line.first == nil)
    }
}
