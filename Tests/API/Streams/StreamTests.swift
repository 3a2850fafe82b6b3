// SPDX-License-Identifier: Apache-2.0

import Access
import BrokerClient
import HummingbirdTesting
import Jobs
import Store
import Testing

@testable import API

/// What happens, as it happens, over real connections.
@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
    /// Serves a fixture, and calls `body` with a client of it.
    private func serve(
        _ fixture: APIFixture,
        key: String = APIFixture.secret,
        streams: (all: Int, ofKey: Int)? = nil,
        heartbeat: Duration? = nil,
        _ body: @escaping @Sendable (BrokerClient) async throws -> Void
    ) async throws {
        try await fixture.serve(.live, streams: streams, heartbeat: heartbeat) { client in
            let port = try #require(client.client.port)
            let configuration = BrokerClientConfiguration(url: "http://127.0.0.1:\(port)", key: key)
            try await BrokerClient.with(configuration, body)
        }
    }

    private static let well = RunOutcome(state: .completed, changed: true)

    @Test func `the stream of a job tells its lines and how it is, to its end`() async throws {
        let fixture = try await APIFixture(hosts: ["web-1", "web-2"])
        let job = try await fixture.submit()
        try await serve(fixture) { client in
            var lines: [TimelineEvent] = []
            var states: [Job] = []
            for try await event in try await client.events(of: job.id) {
                switch event.content {
                case .line(let line, let id):
                    #expect(id == job.id)
                    lines.append(line)
                    #expect(event.id == "\(lines.count)")
                case .job(let state): states.append(state)
                case .begin, .other: Issue.record("unknown: \(event)")
                }
                // The first that is told of is the job as it was submitted.
                if lines.count == 1, states.count == 1 {
                    try await fixture.end(job, on: ["web-1", "web-2"], Self.well)
                }
            }

            let record = try #require(try await fixture.store.job(job.id))
            #expect(states.last == record && record.status == .completed)
            #expect(lines == (try await fixture.store.timeline(of: job.id, limit: 100, offset: 0)?.items))
        }
    }

    @Test func `a stream goes on after the last event that is known`() async throws {
        let fixture = try await APIFixture(hosts: ["web-1", "web-2"])
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1", "web-2"], Self.well)
        let lines = try #require(try await fixture.store.timeline(of: job.id, limit: 100, offset: 0)?.items)
        try await serve(fixture) { client in
            for known in 0...lines.count {
                var rest: [TimelineEvent] = []
                for try await event in try await client.events(of: job.id, after: "\(known)") {
                    if case .line(let line, _) = event.content { rest.append(line) }
                }
                #expect(rest == Array(lines.dropFirst(known)))
            }
        }
    }

    @Test func `the stream of all jobs has no gap and no double, however often it is cut`() async throws {
        let fixture = try await APIFixture(hosts: ["web-1"])
        try await serve(fixture) { client in
            let begin = try #require(try await first(client.events()))
            #expect(begin.content == .begin)
            let start = try #require(begin.id)
            async let submitted: [JobID] = submit(60, fixture)

            var seen: [JobID] = []
            var last = start
            while seen.count < 60 {
                // Cut after some, wherever that is.
                var left = 7
                for try await event in try await client.events(after: last) {
                    if case .line(_, let id) = event.content { seen.append(id) }
                    last = event.id ?? last
                    left -= 1
                    if left == 0 || seen.count >= 60 { break }
                }
            }
            let jobs = try await submitted
            #expect(seen == jobs)
        }
    }

    private func submit(_ count: Int, _ fixture: APIFixture) async throws -> [JobID] {
        var ids: [JobID] = []
        for _ in 0..<count { ids.append(try await fixture.submit().id) }
        return ids
    }

    private func first(_ events: StreamedEvents) async throws -> StreamedEvent? {
        for try await event in events { return event }
        return nil
    }

    @Test func `a key that is limited is told of the jobs within its limit alone, and webhooks are not for it`()
        async throws
    {
        let fixture = try await APIFixture(hosts: ["web-1", "db-1"])
        let limited = try await fixture.key([.jobRead, .webhookWrite], target: "group=web")
        let outside = try await fixture.submit("db-1")
        try await serve(fixture, key: limited) { client in
            #expect(await status { _ = try await client.events(of: outside.id) } == 403)
            #expect(await status { _ = try await client.createWebhook("https://a.example") } == 403)
            let begin = try #require(try await first(client.events()))
            _ = try await fixture.submit("db-1")
            _ = try await fixture.submit("_all")
            let inside = try await fixture.submit("web-1")
            for try await event in try await client.events(after: begin.id) {
                switch event.content {
                case .begin: continue
                case .line(_, let id): #expect(id == inside.id)
                case .job(let job):
                    #expect(job.id == inside.id)
                    return
                case .other: Issue.record("unknown: \(event)")
                }
            }
        }
    }

    @Test func `a submission that waits is answered when the job has ended, or when its time is over`() async throws {
        let fixture = try await APIFixture(hosts: ["web-1"])
        let body = #"{"operation":{"type":"ping"},"target":"web-1"}"#
        try await fixture.serve { client in
            let early = try await client.post("/api/v1/jobs?wait=1", body)
            #expect(early.status == 201 && early.json["status"] == "submitted")
            let answer = await withTaskGroup(of: APIClient.Answer?.self) { group in
                group.addTask { try? await client.post("/api/v1/jobs?wait=60", body) }
                group.addTask {
                    while let job = try? await fixture.store.newestJob(), job.status != .completed {
                        if job.id.description != early.json["id"]?.string {
                            try? await fixture.end(job, on: ["web-1"], Self.well)
                        }
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                    return nil
                }
                return await group.reduce(nil) { $1 ?? $0 }
            }
            #expect(answer?.status == 201 && answer?.json["status"] == "completed")
            #expect(try await client.post("/api/v1/jobs?wait=61", body).status == 400)
        }
    }

    @Test func `a key has so many streams at once, and all together have so many`() async throws {
        let fixture = try await APIFixture()
        try await serve(fixture, streams: (all: 3, ofKey: 2)) { client in
            let held = [try await client.events(), try await client.events()]
            #expect(await status { _ = try await client.events() } == 429)
            _ = held
        }
        let places = StreamPlaces(all: 3, ofKey: 2)
        var taken = [try places.take("a"), try places.take("a"), try places.take("b")]
        #expect(throws: APIError.self) { try places.take("c") }
        taken.removeLast()
        _ = try places.take("c")
    }

    @Test func `a stream of what is not there, and from no place, is refused`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await serve(fixture) { client in
            #expect(await status { _ = try await client.events(of: JobID(high: 1, low: 1)) } == 404)
            for place in ["x", "-1", "99999999999999999999"] {
                #expect(await status { _ = try await client.events(of: job.id, after: place) } == 400)
                #expect(await status { _ = try await client.events(after: place) } == 400)
            }
        }
    }

    private func status(_ body: () async throws -> Void) async -> Int? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? BrokerClientError)?.problem?.status
        }
    }

    @Test func `a stream in which nothing happens is alive, and ends with the controller`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve(.live, heartbeat: .milliseconds(20)) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send(
                    "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(APIFixture.secret)\r\n\r\n"
                )
                let text = try await connection.receive(until: ": still here\n\n\r\n")
                #expect(text.hasPrefix("HTTP/1.1 200 "))
                #expect(text.lowercased().contains("content-type: text/event-stream\r\n"))
            }
        }
    }

    @Test func `a stream that is open when the controller is told to go ends, and lets it go`() async throws {
        let fixture = try await APIFixture()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        async let served: Void = fixture.serve(.live) { client in
            port.yield(try #require(client.client.port))
            for await _ in opened {}
        }
        let first = try #require(await ports.first { _ in true })
        let configuration = BrokerClientConfiguration(url: "http://127.0.0.1:\(first)", key: APIFixture.secret)
        try await BrokerClient.with(configuration) { client in
            for try await _ in try await client.events() { open.finish() }
        }
        try await served
    }
}

extension JobStore {
    /// The job that was submitted last.
    fileprivate func newestJob() async throws -> Job? {
        guard let id = try await newestJobID() else { return nil }
        return try await job(id)
    }
}
