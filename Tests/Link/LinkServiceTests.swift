// SPDX-License-Identifier: Apache-2.0

import Jobs
import Link
import NNG
import Runner
import Signing
import Synchronization
import Testing
import Wire

/// The agent's link against a controller that the test plays by hand.
@Suite(.timeLimit(.minutes(10)))
struct LinkServiceTests {
    private let controller: TestController

    init() throws {
        controller = try TestController()
    }

    private func sealed(_ delivery: UInt64) throws -> SealedDelivery {
        try controller.sealed(TestController.assignment(delivery))
    }

    @Test func `a session says hello, polls, takes work, says that it holds it, and reports until it has a receipt`()
        async throws
    {
        let given = Mutex(false)
        let receipts = Mutex(0)
        let work = [try sealed(1), try sealed(2)]
        try await controller.withLink { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll:
                let isFirst = given.withLock { given in
                    defer { given = true }
                    return !given
                }
                return isFirst ? .work(Work(storeID: "store", work, parked: .zero)) : nil
            case .reports(let reports):
                receipts.withLock { $0 += 1 }
                return .receipt(reports.map(\.sequence))
            case .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var messages = seen.makeAsyncIterator()
            guard case .hello(let introduction) = await messages.next() else {
                Issue.record("the first message is a hello")
                return
            }
            #expect(introduction.hostname == "web-1")
            #expect(introduction.ledgerID == "ledger")
            var held: [UInt64] = []
            var reports: [RunReport] = []
            while held.last != 2 || reports.count < 4 {
                switch await messages.next() {
                case .poll(let poll): held.append(poll.held)
                case .reports(let some): reports += some
                case .hello, .credentials, .object, .upload, .output, nil: Issue.record("unexpected")
                }
            }
            #expect(held.first == 0)
            #expect(reports.map(\.sequence) == [1, 2, 3, 4])
        }
    }

    @Test func `a question for objects that the controller has no time for holds up no others`() async throws {
        let line = ObjectLine()
        let (busy, other) = ("0" + String(repeating: "a", count: 63), String(repeating: "b", count: 64))
        let asked = Mutex(0)
        try await controller.withLink(objects: line) { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .object(let question) where question.sha256 == busy:
                // Once for longer than the test may take, if the others waited for it.
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                if count == 1 { return .refusal(code: "unavailable", message: "no", retryAfter: .milliseconds(20)) }
                if count == 2 { return .refusal(code: "busy", message: "no", retryAfter: .seconds(3600)) }
                return nil
            case .object(let question):
                return .piece(ObjectPiece(sha256: question.sha256, totalBytes: 1, offset: 0, bytes: [7]))
            case .poll, .reports, .credentials, .upload, .output: return nil
            }
        } _: { seen in
            line.tell(.object(ObjectQuestion(sha256: busy, offset: 0, length: 1)))
            var questions = 0
            for await message in seen {
                guard case .object(let question) = message, question.sha256 == busy else { continue }
                questions += 1
                if questions == 2 { break }
            }
            let answer = try await line.ask(.object(ObjectQuestion(sha256: other, offset: 0, length: 1)))
            #expect(answer == .piece(ObjectPiece(sha256: other, totalBytes: 1, offset: 0, bytes: [7])))
        }
    }

    @Test func `what an agent says of itself is told again as soon as it has changed`() async throws {
        let policy = Mutex("active")
        try await controller.withLink(
            conditionInterval: .milliseconds(5),
            ownFacts: { ["policy": .string(policy.withLock { $0 })] }
        ) { message in
            if case .hello = message { return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30))) }
            return nil
        } _: { seen in
            var told: [JSONValue?] = []
            for await message in seen {
                guard case .hello(let introduction) = message else { continue }
                #expect(introduction.facts["cpus"] == 2)
                told.append(introduction.facts["policy"])
                if told.count == 3 { break }
                policy.withLock { $0 = told.count == 1 ? "broken" : "active" }
            }
            #expect(told == ["active", "broken", "active"])
        }
    }

    @Test func `an agent with room for some of its work takes that and asks for the rest`() async throws {
        let runner = CrampedRunner(room: 3)
        let given = Mutex(false)
        let work = try (1...10).map { try sealed($0) }
        try await controller.withLink(runner: runner) { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll:
                let isFirst = given.withLock { given in
                    defer { given = true }
                    return !given
                }
                return isFirst ? .work(Work(storeID: "store", work, parked: .zero)) : nil
            case .reports, .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            for await message in seen {
                guard case .poll(let poll) = message, poll.sequence == 2 else { continue }
                #expect(poll.held == 2, "ten do not fit, five do not, two do")
                return
            }
        }
    }

    @Test func `a run that nobody who is trusted has signed is held and reported as failed, and does not begin`()
        async throws
    {
        let given = Mutex(false)
        let work = [try TestController().sealed(TestController.assignment(1)), try sealed(2)]
        try await controller.withLink { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll:
                let isFirst = given.withLock { given in
                    defer { given = true }
                    return !given
                }
                return isFirst ? .work(Work(storeID: "store", work, parked: .zero)) : nil
            case .reports(let reports): return .receipt(reports.map(\.sequence))
            case .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var reports: [RunReport] = []
            var held: UInt64 = 0
            for await message in seen {
                if case .reports(let some) = message { reports += some }
                if case .poll(let poll) = message { held = max(held, poll.held) }
                if reports.count >= 3, held == 2 { break }
            }
            let refused = reports.filter { $0.jobID == work[0].jobID }
            let reason = try #require(refused.first?.reason)
            #expect(refused.map(\.event) == [.ended(Refusal.signature.outcome(reason).digested)])
            #expect(reports.filter { $0.jobID == work[1].jobID }.map(\.event).first == .started)
        }
    }

    @Test func `keys that a controller tells in its welcome count for what it delivers then`() async throws {
        let next = try TestController()
        let keys = try JobKeySet(version: 2, keys: [next.key.publicKey], signedBy: [controller.key])
        let work = [try next.sealed(TestController.assignment(1))]
        let given = Mutex(false)
        try await controller.withLink { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30), jobKeys: [keys.text]))
            case .poll:
                let isFirst = given.withLock { given in
                    defer { given = true }
                    return !given
                }
                return isFirst ? .work(Work(storeID: "store", work, parked: .zero)) : nil
            case .reports(let reports): return .receipt(reports.map(\.sequence))
            case .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var versions: [UInt64] = []
            var event: RunReport.Event?
            for await message in seen {
                if case .hello(let introduction) = message { versions.append(introduction.jobKeysVersion) }
                if case .reports(let reports) = message { event = event ?? reports.first?.event }
                if event != nil, versions.count == 2 { break }
            }
            #expect(event == .started)
            #expect(versions == [1, 2], "what was learned is told at once")
        }
    }

    @Test func `what was held of another store does not count`() async throws {
        try await controller.withLink { message in
            switch message {
            case .hello: .welcome(Welcome(storeID: "new", heartbeat: .seconds(30)))
            case .poll: nil
            case .reports(let reports): .receipt(reports.map(\.sequence))
            case .credentials, .object, .upload, .output: nil
            }
        } _: { seen in
            for await message in seen {
                guard case .poll(let poll) = message else { continue }
                #expect(poll.storeID == "new")
                #expect(poll.held == 0)
                return
            }
        }
    }

    @Test func `a controller that does not know the session is told again who polls`() async throws {
        let hellos = Mutex(0)
        try await controller.withLink { message in
            switch message {
            case .hello:
                hellos.withLock { $0 += 1 }
                return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll: return hellos.withLock { $0 } == 1 ? .introduce : nil
            case .reports, .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var polls: [UInt64] = []
            for await message in seen {
                if case .poll(let poll) = message { polls.append(poll.sequence) }
                if polls.count == 2 { break }
            }
            #expect(hellos.withLock { $0 } == 2)
            #expect(polls == [1, 2], "the number of polls goes on over sessions")
        }
    }

    @Test func `an agent whose hello is too much asks again over the same connection`() async throws {
        let hellos = Mutex<[ContinuousClock.Instant]>([])
        let pipes = Mutex(Set<UInt32>())
        try await controller.withLink(seeing: { request in _ = pipes.withLock { $0.insert(request.pipe.rawValue) } }) {
            message in
            switch message {
            case .hello:
                let count = hellos.withLock { hellos in
                    hellos.append(.now)
                    return hellos.count
                }
                return count < 3
                    ? .refusal(code: "busy", message: "too many", retryAfter: .milliseconds(50))
                    : .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll, .reports, .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            for await message in seen { if case .poll = message { break } }

            let times = hellos.withLock { $0 }
            #expect(times.count == 3)
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(50) })
            #expect(pipes.withLock { $0 }.count == 1)
        }
    }

    @Test func `a heartbeat interval that an answer tells is how long the next poll may take`() async throws {
        let polls = Mutex(0)
        try await controller.withLink(pollGrace: .milliseconds(100)) { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(600)))
            case .poll:
                let isFirst = polls.withLock { polls in
                    polls += 1
                    return polls == 1
                }
                // Without the shorter interval the second poll would be waited for for ten minutes.
                return isFirst ? .work(Work(storeID: "store", [], parked: .zero, heartbeat: .milliseconds(50))) : nil
            case .reports, .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var hellos = 0
            for await message in seen {
                if case .hello = message { hellos += 1 }
                if hellos == 2 { break }
            }
            #expect(hellos == 2, "the link counts as dead after the interval that was told")
        }
    }

    @Test func `reports without a receipt are told again after the link was lost`() async throws {
        let asked = Mutex(0)
        let given = Mutex(false)
        let work = [try sealed(1)]
        try await controller.withLink { message in
            switch message {
            case .hello: return .welcome(Welcome(storeID: "store", heartbeat: .seconds(30)))
            case .poll:
                let isFirst = given.withLock { given in
                    defer { given = true }
                    return !given
                }
                return isFirst ? .work(Work(storeID: "store", work, parked: .zero)) : nil
            case .reports(let reports):
                let count = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                // Refused the first time, which ends the session.
                return count == 1
                    ? .refusal(code: "unavailable", message: "not now", retryAfter: .milliseconds(1))
                    : .receipt(reports.map(\.sequence))
            case .credentials, .object, .upload, .output: return nil
            }
        } _: { seen in
            var told: [[Int64]] = []
            for await message in seen {
                if case .reports(let reports) = message { told.append(reports.map(\.sequence)) }
                if told.count >= 2, told.last?.last == 2 { break }
            }
            #expect(told[0].first == 1 && told[1].first == 1)
        }
    }
}

/// A host whose disk has room for a few runs at a time.
private actor CrampedRunner: RunHolder {
    nonisolated let ledgerID = "ledger"
    private let room: Int
    private(set) var position = DeliveryPosition(storeID: nil, held: 0)

    init(room: Int) {
        self.room = room
    }

    func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) throws {
        guard arrivals.count <= room else { throw LedgerError(code: .diskFull, message: "no room") }
        position = DeliveryPosition(storeID: storeID, held: arrivals.map(\.number).max() ?? 0)
    }

    func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) -> [RunReport] { [] }
    func confirm(_ sequences: [Int64]) {}
    func confirmRefusedOrders(_ orders: [RefusedOrder]) {}
    func active(limit: Int) -> [RunKey] { [] }
    nonisolated func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener { SignalListener {} }
}

extension RunReport {
    /// Why the run did not end well.
    fileprivate var reason: String? {
        guard case .ended(let outcome) = event else { return nil }
        return outcome.error?.message
    }
}
