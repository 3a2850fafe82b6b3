// SPDX-License-Identifier: Apache-2.0

import Jobs
import Link
import NNG
import Runner
import Synchronization
import Testing
import Wire

/// What the link gives of outputs to a controller that the test plays by hand.
@Suite(.timeLimit(.minutes(10)))
struct OutputTests {
    private static let jobID = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    private static func request(_ id: UInt64, offset: Int = 0, length: Int, attempt: Int = 1) -> OutputRequest {
        OutputRequest(id: id, jobID: jobID, attempt: attempt, stream: .stdout, offset: offset, length: length)
    }

    /// The byte at a place of the one output that there is.
    private static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place &* 31 &+ place >> 8) }

    /// Sends requests with the answer to the first poll, and plays the controller; `answer` says of each piece whether more
    /// is wanted, nil leaves it without an answer.
    private func pieces(
        of requests: [OutputRequest],
        size: Int = 0,
        live: OutputExchange.Live? = nil,
        until isEnough: ([OutputPiece]) -> Bool,
        answer: @escaping @Sendable (OutputPiece) -> Bool?
    ) async throws -> [OutputPiece] {
        let controller = try TestController()
        let raw = try RawReply(on: .rawReply())
        let url = try raw.socket.listen(at: "tcp://127.0.0.1:0").url
        var configuration = LinkConfiguration(hostname: "web-1", labels: [:], version: "test")
        configuration.followPace = .milliseconds(10)
        configuration.followQuestion = .milliseconds(50)
        let link = LinkService(
            configuration: configuration,
            runner: SimulatedRunner(ledgerID: "ledger"),
            verifier: controller.verifier(),
            instance: "instance",
            dialURL: { url },
            collectFacts: { [:] },
            outputs: OutputExchange { _, jobID, attempt in
                guard jobID == Self.jobID, attempt == 1 else { return nil }
                return OutputExchange.Output(size: size) { offset, count in
                    (offset..<max(offset, min(size, offset + count))).map(Self.byte)
                }
            } follow: { jobID, attempt in
                jobID == Self.jobID && attempt == 1 ? live : nil
            },
            logger: silentLogger
        )
        let (seen, told) = AsyncStream.makeStream(of: OutputPiece.self)
        var pieces: [OutputPiece] = []
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await link.run() }
            group.addTask {
                var work: ControllerMessage? = .work(Work(storeID: "store", [], parked: .zero, outputs: requests))
                for await batch in raw {
                    for request in batch {
                        let reply: ControllerMessage?
                        switch try AgentMessage(bytes: request.body) {
                        case .hello: reply = .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
                        case .poll: (reply, work) = (work, nil)
                        case .output(let piece):
                            told.yield(piece)
                            reply = answer(piece).map { .outputReceipt(goesOn: $0) }
                        case .reports, .credentials, .object, .upload: reply = nil
                        }
                        if let reply { try raw.reply(to: request.address, body: reply.bytes) }
                    }
                }
            }
            for await piece in seen {
                pieces.append(piece)
                if isEnough(pieces) { break }
            }
            group.cancelAll()
        }
        raw.close()
        return pieces
    }

    @Test func `an output is sent from its place on, in pieces of which each waits for the one before`() async throws {
        let size = 700_000
        let pieces = try await pieces(
            of: [Self.request(4, offset: 100, length: 600_000)],
            size: size,
            until: { $0.last?.isLast == true },
            answer: { _ in true }
        )

        #expect(pieces.map(\.offset) == [100, 262_244, 524_388])
        #expect(pieces.map(\.bytes.count) == [262_144, 262_144, 75_712])
        #expect(pieces.map(\.isLast) == [false, false, true])
        #expect(pieces.allSatisfy { $0.requestID == 4 && $0.keptBytes == size })
        #expect(pieces.flatMap(\.bytes) == (100..<600_100).map(Self.byte))
    }

    @Test func `a question for no bytes, or for bytes behind the end, is answered with the size`() async throws {
        let pieces = try await pieces(
            of: [
                Self.request(1, length: 0), Self.request(2, offset: 900, length: 5),
                Self.request(3, offset: .max, length: .max),
            ],
            size: 700,
            until: { $0.count == 3 },
            answer: { _ in false }
        )

        #expect(pieces.allSatisfy { $0.isLast && $0.bytes.isEmpty && $0.keptBytes == 700 && $0.error == nil })
        #expect(Set(pieces.map(\.requestID)) == [1, 2, 3])
    }

    @Test func `an output that is not kept is refused with a code`() async throws {
        let pieces = try await pieces(
            of: [Self.request(1, length: 9, attempt: 2)],
            size: 700,
            until: { $0.count == 1 },
            answer: { _ in false }
        )

        #expect(pieces.first?.error?.code == "output_gone" && pieces.first?.isLast == true)
    }

    @Test func `an output that nobody wants any more ends, and others go on beside one that is not taken`() async throws
    {
        let pieces = try await pieces(
            of: [Self.request(1, length: .max), Self.request(2, length: .max), Self.request(3, length: .max)],
            size: 900_000,
            until: { pieces in pieces.contains { $0.requestID == 3 && $0.isLast } },
            answer: { $0.requestID == 1 ? nil : $0.requestID == 3 }
        )

        #expect(pieces.count { $0.requestID == 1 } <= 1, "it waits for its answer")
        #expect(pieces.count { $0.requestID == 2 } <= 1, "it was told to stop")
        #expect(pieces.count { $0.requestID == 3 } == 4)
    }

    @Test func `a run that is followed is sent from its places on as it is written, to its end`() async throws {
        let written = Mutex((stdout: Array("begun".utf8), isOver: false))
        let live = OutputExchange.Live { stream, place, limit in
            let bytes = stream == .stdout ? written.withLock { $0.stdout } : Array("odd".utf8)
            return (place, Array(bytes.dropFirst(place).prefix(limit)))
        } isOver: {
            written.withLock { $0.isOver }
        }
        let pieces = try await pieces(
            of: [OutputRequest(id: 5, following: Self.jobID, attempt: 1, stdout: 2, stderr: 1)],
            live: live,
            until: { $0.last?.isLast == true },
            answer: { piece in
                // What is written after the first pieces were seen, and the end after that.
                if piece.stream == .stderr { written.withLock { $0.stdout += Array(" done".utf8) } }
                if piece.offset == 5, !piece.bytes.isEmpty { written.withLock { $0.isOver = true } }
                return true
            }
        ).filter { $0.isLast || !$0.bytes.isEmpty }

        let told = pieces.map { "\($0.stream.rawValue) \($0.offset) \(String(decoding: $0.bytes, as: UTF8.self))" }
        #expect(told == ["stdout 2 gun", "stderr 1 dd", "stdout 5  done", "stdout 10 "])
        #expect(pieces.map(\.isLast) == [false, false, false, true] && pieces.allSatisfy { $0.requestID == 5 })
    }

    @Test func `a run that has ended has nothing to follow`() async throws {
        let pieces = try await pieces(
            of: [OutputRequest(id: 5, following: Self.jobID, attempt: 2, stdout: 2, stderr: 1)],
            until: { $0.count == 1 },
            answer: { _ in false }
        )

        #expect(pieces.first?.isLast == true && pieces.first?.bytes.isEmpty == true && pieces.first?.error == nil)
    }

    @Test func `while a run writes nothing it is asked whether anybody listens, and nobody ends it`() async throws {
        let live = OutputExchange.Live(news: { _, place, _ in (place, []) }, isOver: { false })
        let asked = Mutex(0)
        let pieces = try await pieces(
            of: [
                OutputRequest(id: 5, following: Self.jobID, attempt: 1, stdout: 0, stderr: 0),
                OutputRequest(id: 6, following: Self.jobID, attempt: 1, stdout: 0, stderr: 0),
            ],
            live: live,
            until: { $0.count { $0.requestID == 6 } == 4 },
            answer: { piece in
                guard piece.requestID == 5 else { return true }
                return asked.withLock { asked in
                    asked += 1
                    return asked < 2
                }
            }
        )

        #expect(pieces.allSatisfy { !$0.isLast && $0.bytes.isEmpty })
        #expect(pieces.count { $0.requestID == 5 } == 2)
    }
}
