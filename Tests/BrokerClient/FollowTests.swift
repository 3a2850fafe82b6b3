// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs
import StubController
import Synchronization
import Testing

struct FollowStateMachineTests {
    private let outage = BrokerClientError(code: .unreachable, message: "away")

    @Test func `the pauses grow up to the longest`() {
        var machine = FollowStateMachine(
            policy: FollowPolicy(firstInterval: .milliseconds(100), longestInterval: .milliseconds(300))
        )
        let job = StubFleet.job([.started])

        let pauses = (0..<5).map { _ in machine.saw(job).pause }

        #expect(pauses == [100, 150, 225, 300, 300].map { .milliseconds($0) })
    }

    @Test func `only changes are told, and the end has no pause`() {
        var machine = FollowStateMachine(policy: FollowPolicy())

        #expect(machine.saw(StubFleet.job([.pending])).updates == [.job(StubFleet.job([.pending]))])
        #expect(machine.saw(StubFleet.job([.pending])).updates.isEmpty)
        #expect(machine.saw(StubFleet.job([.started])).updates == [.job(StubFleet.job([.started]))])
        let end = machine.saw(StubFleet.job([.completed]))
        #expect(end.updates == [.job(StubFleet.job([.completed]))])
        #expect(end.pause == nil)
    }

    @Test func `an outage is told once, and so is its end`() throws {
        var machine = FollowStateMachine(policy: FollowPolicy())
        _ = machine.saw(StubFleet.job([.started]))

        #expect(try machine.failed(outage, now: .seconds(1)).updates == [.outage(outage)])
        #expect(try machine.failed(outage, now: .seconds(2)).updates.isEmpty)
        #expect(machine.saw(StubFleet.job([.started])).updates == [.recovered])
        #expect(try machine.failed(outage, now: .seconds(70)).updates == [.outage(outage)])
    }

    @Test func `a stream is read without pauses, and gone on with behind its last event`() {
        var machine = FollowStateMachine(policy: FollowPolicy())
        #expect(machine.source == .stream(after: nil))

        let line = TimelineEvent(timestamp: Timestamp(milliseconds: 0), event: .started)
        let lines = machine.streamed(StreamedEvent(id: "4", content: .line(line, StubFleet.jobID)))
        #expect(lines == .init(updates: [], pause: .zero))
        let job = machine.streamed(StreamedEvent(id: "4", content: .job(StubFleet.job([.started]))))
        #expect(job == .init(updates: [.job(StubFleet.job([.started]))], pause: .zero))
        #expect(machine.streamEnded() == .init(updates: [], pause: .milliseconds(100)))
        #expect(machine.source == .stream(after: "4"))
        let same = machine.streamed(StreamedEvent(id: nil, content: .job(StubFleet.job([.started]))))
        #expect(same.updates.isEmpty && machine.source == .stream(after: "4"))
        // The record of the end is asked for, since it has more than the stream tells.
        let end = machine.streamed(StreamedEvent(id: nil, content: .job(StubFleet.job([.completed]))))
        #expect(end == .init(updates: [], pause: .zero) && machine.source == .record)
        #expect(machine.saw(StubFleet.job([.completed])).pause == nil)
    }

    @Test func `an outage ends with what a stream tells`() throws {
        var machine = FollowStateMachine(policy: FollowPolicy())
        #expect(try machine.failed(outage, now: .seconds(1)).updates == [.outage(outage)])
        #expect(machine.source == .stream(after: nil))

        let told = machine.streamed(StreamedEvent(id: nil, content: .job(StubFleet.job([.started]))))

        #expect(told.updates == [.recovered, .job(StubFleet.job([.started]))])
    }

    @Test(arguments: [400, 401, 404, 405, 406, 429, 500, 503])
    func `where there is no stream, the record is looked at, at once`(status: Int) throws {
        var machine = FollowStateMachine(policy: FollowPolicy())
        let problem = Problem(status: status, code: "x", detail: "y")

        let step = try machine.failed(BrokerClientError(code: .refused(problem), message: "y"), now: .zero)

        #expect(step == .init(updates: [], pause: .zero) && machine.source == .record)
    }

    @Test func `a stream that ends without a word is none`() {
        var machine = FollowStateMachine(policy: FollowPolicy())

        _ = machine.streamEnded()

        #expect(machine.source == .record)
    }

    @Test func `patience ends`() throws {
        var machine = FollowStateMachine(policy: FollowPolicy(patience: .seconds(60)))
        _ = try machine.failed(outage, now: .seconds(1))
        _ = try machine.failed(outage, now: .milliseconds(60_999))

        #expect(throws: outage) { try machine.failed(outage, now: .seconds(61)) }
    }

    @Test(arguments: [(404, false), (401, false), (500, false), (502, true), (503, true), (504, true)])
    func `a refusal ends it, unless the controller is only away`(status: Int, passes: Bool) {
        var machine = FollowStateMachine(policy: FollowPolicy())
        // With that there was no stream.
        _ = machine.streamEnded()
        let problem = Problem(status: status, code: "x", detail: "y")
        let error = BrokerClientError(code: .refused(problem), message: "y")

        let step = try? machine.failed(error, now: .zero)

        #expect((step != nil) == passes)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct JobUpdatesTests {
    private let quick = FollowPolicy(
        firstInterval: .milliseconds(1),
        longestInterval: .milliseconds(5),
        patience: .seconds(30)
    )

    /// A call for the stream of a job.
    private static func isForStream(_ request: StubRequest) -> Bool { request.path.hasSuffix("/events") }

    /// Answers calls for streams one after another, the last one again and again, and calls for the record with this one.
    private static func streams(_ answers: [StubAnswer], record: Job) -> StubController.Respond {
        let opened = Mutex(0)
        return { request in
            guard isForStream(request) else { return .json(record) }
            return answers[
                opened.withLock { opened in
                    defer { opened += 1 }
                    return min(opened, answers.count - 1)
                }
            ]
        }
    }

    private func updates(of client: BrokerClient) async throws -> [String] {
        var told: [String] = []
        for try await update in client.follow(StubFleet.jobID, policy: quick) {
            switch update {
            case .job(let job): told.append("\(job.status.rawValue) \(job.agentsCompleted)")
            case .outage: told.append("outage")
            case .recovered: told.append("recovered")
            }
        }
        return told
    }

    @Test func `a stream that is cut is opened again behind its last event, and told of no twice`() async throws {
        let answers: [StubAnswer] = [
            .events([StubAnswer.line(.submitted, id: "1"), StubAnswer.job([.pending, .pending])], .isCut),
            .hangUp,
            .events(
                [StubAnswer.line(.completed, id: "2", on: "web-1"), StubAnswer.job([.completed, .pending])],
                .ends
            ),
            .events([StubAnswer.job([.completed, .pending])], .isCut),
            .events([StubAnswer.line(.failed, id: "3", on: "web-2"), StubAnswer.job([.completed, .failed])], .ends),
        ]
        let record = StubFleet.job([.completed, .failed])
        try await StubController.with(respond: Self.streams(answers, record: record)) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                let told = try await updates(of: client)

                #expect(told == ["submitted 0", "outage", "recovered", "processing 1", "partial_failure 2"])
            }
            let streams = stub.requests.filter(Self.isForStream)
            #expect(streams.map { $0.headers["last-event-id"] } == [nil, "1", "1", "2", "2"])
            #expect(stub.requests.count == streams.count + 1, "only the record of the end is asked for")
        }
    }

    @Test(
        arguments: [
            .problem(404, "not_found", "no such path"), .problem(406, "not_acceptable", "no such form"),
            .problem(429, "too_many_requests", "enough"), .problem(503, "unavailable", "as many streams as may be"),
            .json(["no": "stream"] as JSONValue), .stream([], .ends),
        ] as [StubAnswer]
    )
    func `where there is no stream to be had, the record is looked at again and again`(answer: StubAnswer) async throws
    {
        let looks = Mutex(0)
        let respond: StubController.Respond = { request in
            if Self.isForStream(request) { return answer }
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            return .json(StubFleet.job([look < 3 ? .started : .completed]))
        }
        try await StubController.with(respond: respond) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                let told = try await updates(of: client)

                #expect(told == ["processing 0", "completed 1"])
            }
            #expect(stub.requests.count(where: Self.isForStream) == 1)
        }
    }

    @Test func `all jobs are followed through cuts, each line once`() async throws {
        let answers: [StubAnswer] = [
            .events([("begin", "7", [String: String]())], .isCut),
            .events([("begin", "7", [String: String]()), StubAnswer.line(.submitted, id: "8")], .ends),
            .hangUp, .events([StubAnswer.line(.started, id: "9", on: "web-1")], .staysOpen),
        ]
        try await StubController.with(respond: Self.streams(answers, record: StubFleet.job([.started]))) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                var told: [String] = []
                for try await update in client.followAll(policy: quick) {
                    switch update {
                    case .event(let event):
                        if case .line(let line, _) = event.content { told.append(line.event.rawValue) }
                    case .outage: told.append("outage")
                    case .recovered: told.append("recovered")
                    }
                    if told.last == "started" { break }
                }
                #expect(told == ["submitted", "outage", "recovered", "started"])
            }
            #expect(stub.requests.map { $0.headers["last-event-id"] } == [nil, "7", "8", "8"])
        }
    }

    @Test func `a job is followed through an outage to its end`() async throws {
        let script: [StubAnswer] = [
            .json(StubFleet.job([.pending, .pending])), .problem(503, "unavailable", "going down"), .hangUp,
            .json(StubFleet.job([.completed, .started])), .json(StubFleet.job([.completed, .failed])),
        ]
        let looks = Mutex(0)
        let respond: StubController.Respond = { request in
            if Self.isForStream(request) { return .problem(404, "not_found", "no such path") }
            return script[
                looks.withLock { looks in
                    defer { looks += 1 }
                    return min(looks, script.count - 1)
                }
            ]
        }
        try await StubController.with(respond: respond) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                var told: [String] = []
                for try await update in client.follow(StubFleet.jobID, policy: quick) {
                    switch update {
                    case .job(let job): told.append(job.status.rawValue)
                    case .outage: told.append("outage")
                    case .recovered: told.append("recovered")
                    }
                }

                #expect(told == ["submitted", "outage", "recovered", "processing", "partial_failure"])
            }
        }
    }

    @Test func `a job that does not exist ends it with the refusal`() async throws {
        try await StubController.with(respond: { _ in .problem(404, "not_found", "no such job") }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                await #expect(throws: BrokerClientError.self) {
                    for try await _ in client.follow(StubFleet.jobID, policy: quick) {}
                }
            }
            #expect(stub.requests.count == 2, "once for the stream, once for the record")
        }
    }

    @Test func `a follower that waits for a stream stops when it is cancelled`() async throws {
        let answer = StubAnswer.events([StubAnswer.job([.started])], .staysOpen)
        try await StubController.with(respond: { _ in answer }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                await withTaskGroup(of: Void.self) { group in
                    let (told, continuation) = AsyncStream<Void>.makeStream()
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            for try await _ in client.follow(StubFleet.jobID, policy: quick) { continuation.yield() }
                        }
                        continuation.finish()
                    }
                    for await _ in told { group.cancelAll() }
                }
            }
        }
    }

    @Test func `a cancelled follower stops`() async throws {
        try await StubController.with(respond: { _ in .json(StubFleet.job([.started])) }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            for try await _ in client.follow(StubFleet.jobID, policy: quick) {}
                        }
                    }
                    while stub.requests.count < 3 { await Task.yield() }
                    group.cancelAll()
                }
            }
        }
    }
}
