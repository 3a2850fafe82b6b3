// SPDX-License-Identifier: Apache-2.0

import Access
import BrokerClient
import HummingbirdTesting
import JobDispatch
import Jobs
import ServiceLifecycle
import Store
import Testing

@testable import API

/// Exports over real connections: parts, ends that are none, and bounds.
@Suite(.timeLimit(.minutes(10)))
struct ExportCutTests {
    private static let path = "/api/v1/jobs/export?from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z"

    private static let filter: JobFilter = {
        var filter = JobFilter()
        filter.from = Timestamp("2027-01-01T00:00:00Z")
        filter.to = Timestamp("2027-02-01T00:00:00Z")
        return filter
    }()

    /// A fixture of so many jobs on two hosts, over a store that calls `beforePart` before each part of an export.
    private func fixture(
        jobs: Int,
        _ beforePart: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> (APIFixture, WatchedStore) {
        let store = WatchedStore(try SQLiteStore.inMemory(), beforePart: beforePart)
        let fixture = try await APIFixture(store: store, hosts: ["web-1", "web-2"])
        for _ in 0..<jobs { _ = try await fixture.submit() }
        return (fixture, store)
    }

    private func text(_ pieces: StreamedBytes) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in pieces { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func serve(
        _ fixture: APIFixture,
        part: Int,
        _ body: @escaping @Sendable (BrokerClient) async throws -> Void
    ) async throws {
        try await fixture.serve(.live, exportPart: part) { client in
            let port = try #require(client.client.port)
            let configuration = BrokerClientConfiguration(url: "http://127.0.0.1:\(port)", key: APIFixture.secret)
            try await BrokerClient.with(configuration, body)
        }
    }

    @Test func `it is read in parts, and comes whole to a client that takes it piece by piece`() async throws {
        let (fixture, store) = try await fixture(jobs: 25)
        try await serve(fixture, part: 10) { client in
            let jobs = try await text(client.exportJobs(Self.filter))
            #expect(CSVReader.records(jobs)?.count == 26)
            #expect(store.partsRead == 3 && store.largestPart == 10)
            let runs = try await text(client.exportJobs(Self.filter, rows: .runs, format: .ndjson))
            #expect(runs.split(separator: "\n").count == 50)
            #expect(store.partsRead == 8 && store.largestPart == 10)
        }
    }

    @Test(arguments: JobExport.Format.allCases, JobExport.Rows.allCases)
    func `one that fails half way does not look whole`(format: JobExport.Format, rows: JobExport.Rows) async throws {
        let (fixture, _) = try await fixture(jobs: 9) { number in
            if number == 3 { throw StoreError(.full, "secret path") }
        }
        try await fixture.serve(.live, exportPart: 3) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send(
                    """
                    GET \(Self.path)&rows=\(rows) HTTP/1.1\r
                    Host: localhost\r
                    Accept: \(format.mediaType)\r
                    Authorization: Bearer \(APIFixture.secret)\r
                    \r

                    """
                )
                let answer = try await connection.receive(until: "\r\n0\r\n\r\n")

                #expect(answer.hasPrefix("HTTP/1.1 200 ") && !answer.hasSuffix("\r\n0\r\n\r\n"), "\(answer)")
                let error = #"{"error":{"code":"unavailable","message":"the store is full"}}"#
                #expect(answer.contains(error) == (format == .ndjson), "\(answer)")
                #expect(!answer.contains("secret"))
            }
        }
    }

    @Test func `a client is told that it was cut short, and at its beginning why it could not be`() async throws {
        let (fixture, _) = try await fixture(jobs: 9) { number in
            if number == 3 || number == 4 { throw StoreError(.full, "secret path") }
        }
        try await serve(fixture, part: 3) { client in
            let error = await #expect(throws: BrokerClientError.self) { try await text(client.exportJobs(Self.filter)) }
            #expect(error?.code == .unreachable && error?.message.contains("cut short") == true, "\(error as Any)")
            let refusal = await #expect(throws: BrokerClientError.self) { _ = try await client.exportJobs(Self.filter) }
            #expect(refusal?.problem?.code == "unavailable" && refusal?.problem?.status == 503)
        }
    }

    @Test func `one that goes on when the controller is told to go is cut, and lets it go`() async throws {
        let (reached, reach) = AsyncStream.makeStream(of: Void.self)
        let (fixture, store) = try await fixture(jobs: 9) { number in
            guard number == 3 else { return }
            reach.finish()
            try? await gracefulShutdown()
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        async let served: Void = fixture.serve(.live, exportPart: 1) { client in
            port.yield(try #require(client.client.port))
            for await _ in reached {}
        }
        let first = try #require(await ports.first { _ in true })
        let configuration = BrokerClientConfiguration(url: "http://127.0.0.1:\(first)", key: APIFixture.secret)
        try await BrokerClient.with(configuration) { client in
            let error = await #expect(throws: BrokerClientError.self) { try await text(client.exportJobs(Self.filter)) }
            #expect(error?.message.contains("cut short") == true, "\(error as Any)")
        }
        try await served
        #expect(store.partsRead == 3)
    }

    @Test func `a job that is deleted meanwhile is left out, and the others come`() async throws {
        let base = try SQLiteStore.inMemory()
        let store = WatchedStore(base) { number in
            guard number == 2 else { return }
            // One that the next part would have, and one of the last part.
            let jobs = try await base.jobs(limit: .max).items
            for job in jobs.suffix(3).prefix(2) {
                _ = try await base.cancel(job.id, NewCancel(requestedBy: nil), now: job.createdAt)
                _ = try await base.delete(job.id, audit: nil)
            }
            while try await base.purge(limit: 100) {}
        }
        let fixture = try await APIFixture(store: store, hosts: ["web-1", "web-2"])
        for _ in 0..<6 { _ = try await fixture.submit() }
        try await serve(fixture, part: 2) { client in
            let lines = try await text(client.exportJobs(Self.filter, format: .ndjson)).split(separator: "\n")
            #expect(lines.count == 4)
        }
    }

    @Test func `a key has two at once, all together have four, and places are given back`() async throws {
        let (reached, reach) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let (fixture, _) = try await fixture(jobs: 4) { _ in
            reach.yield()
            for await _ in released {}
        }
        try await fixture.serve(exportPart: 2) { client in
            async let first = client.get(Self.path)
            async let second = client.get(Self.path)
            var waiting = 0
            for await _ in reached {
                waiting += 1
                if waiting == 2 { break }
            }
            let third = try await client.get(Self.path)
            release.finish()
            let whole = try await [first, second]

            #expect(third.status == 429 && third.code == "too_many_requests" && third.detail.contains("2 exports"))
            #expect(third.header("Retry-After") == "5")
            #expect(whole.allSatisfy { CSVReader.records($0.text)?.count == 5 })
            #expect(try await client.get(Self.path).status == 200)
            let limits = try await client.get("/api/v1/limits").json
            #expect(limits["exports"] == 4 && limits["exports_per_key"] == 2 && limits["export_days"] == 366)
        }
        let places = StreamPlaces(all: 1, ofKey: 1, of: "exports")
        let taken = try places.take("a")
        #expect(throws: APIError.self) { try places.take("b") }
        withExtendedLifetime(taken) {}
    }
}
