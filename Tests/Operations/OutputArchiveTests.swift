// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Synchronization
import Testing

@testable import Operations

/// What is kept of output beyond the limit of a run.
@Suite(.timeLimit(.minutes(10)))
struct OutputArchiveTests {
    private let noon = Timestamp(milliseconds: 1_795_262_400_000)

    private func archive(
        _ directory: String,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        change: (inout OutputArchive.Limits) -> Void = { _ in }
    ) -> OutputArchive {
        var limits = OutputArchive.Limits()
        change(&limits)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return OutputArchive(directory: directory + "/output", limits: limits, now: now, logger: logger)
    }

    private func job(_ number: UInt64) -> JobID {
        JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41 + number)
    }

    /// Runs a line of shell as the first attempt of a job.
    @discardableResult
    private func run(
        _ command: String,
        as number: UInt64 = 1,
        limit: Int64 = 10,
        in archive: OutputArchive
    ) async throws -> RunOutcome {
        var context = testContext()
        context.outputs = archive.outputs(of: job(number), attempt: 1)
        return try await shell(command, ["output_limit": .int(limit)], in: context)
    }

    private func kept(_ stream: RunOutput.Stream, of number: UInt64 = 1, in archive: OutputArchive) -> [UInt8]? {
        archive.open(stream, of: job(number), attempt: 1).map { $0.read(at: 0, count: .max) }
    }

    @Test func `all of an output beyond the limit is kept, and nothing of one within it`() async throws {
        try await withTemporaryDirectory { directory in
            let archive = archive(directory)

            let outcome = try await run("seq 1 100000; printf 0123456789 >&2", in: archive)

            let all = try #require(kept(.stdout, in: archive))
            #expect(all == Array((1...100_000).map { "\($0)\n" }.joined().utf8))
            #expect(outcome.data?["stdout_truncated"] == true && outcome.data?["stderr_truncated"] == false)
            #expect(kept(.stderr, in: archive) == nil, "the data has all of it")
            #expect(archive.open(.stdout, of: job(1), attempt: 2) == nil)
            let output = try #require(archive.open(.stdout, of: job(1), attempt: 1))
            #expect(output.size == 588_895 && output.read(at: 2, count: 4) == Array("2\n3\n".utf8))
            #expect(
                output.read(at: 588_893, count: 9) == Array("0\n".utf8) && output.read(at: 600_000, count: 9).isEmpty
            )
        }
    }

    @Test func `of a script as well all is kept`() async throws {
        try await withTemporaryDirectory { directory in
            let archive = archive(directory)
            var context = testContext()
            context.outputs = archive.outputs(of: job(1), attempt: 1)

            let data: JSONValue = ["body": "seq 1 100; seq 1 9 >&2", "output_limit": 100]
            let outcome = try await OperationSet.builtIn.run(
                OperationRequest(type: "script.run", data: data),
                in: context
            )

            #expect(outcome.data?["stdout_truncated"] == true && outcome.data?["stderr_truncated"] == false)
            #expect(kept(.stdout, in: archive) == Array((1...100).map { "\($0)\n" }.joined().utf8))
            #expect(kept(.stderr, in: archive) == nil)
        }
    }

    @Test(arguments: [0, 1, 10, 65_536, 65_537] as [Int64])
    func `the file begins with the first byte, wherever the limit is`(limit: Int64) async throws {
        try await withTemporaryDirectory { directory in
            let archive = archive(directory)

            try await run("head -c 200000 /dev/zero | tr '\\0' 'x'; printf end", limit: limit, in: archive)

            let all = try #require(kept(.stdout, in: archive))
            #expect(all.count == 200_003 && all.prefix(200_000).allSatisfy { $0 == UInt8(ascii: "x") })
            #expect(all.suffix(3) == Array("end".utf8)[...])
        }
    }

    @Test func `nobody but the agent's user can read what is kept`() async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory + "/output", withIntermediateDirectories: true)
            let archive = archive(directory)
            try await run("seq 1 100", in: archive)

            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            #expect(try mode(directory + "/output") == 0o700)
            #expect(try mode("\(directory)/output/\(job(1))-1.stdout") == 0o600)
        }
    }

    @Test func `of an output the beginning is kept, up to its limit`() async throws {
        try await withTemporaryDirectory { directory in
            let archive = archive(directory, change: { $0.outputBytes = 100_000 })

            try await run("seq 1 100000", in: archive)

            let all = try #require(kept(.stdout, in: archive))
            #expect(all == Array((1...100_000).map { "\($0)\n" }.joined().utf8.prefix(100_000)))
        }
    }

    @Test func `where there is no more room in all, the oldest goes first`() async throws {
        try await withTemporaryDirectory { directory in
            let time = Mutex(noon)
            let archive = archive(directory, now: { time.withLock { $0 } }, change: { $0.totalBytes = 250_000 })
            for number in 1...3 as ClosedRange<UInt64> {
                try await run("head -c 100000 /dev/zero", as: number, in: archive)
                time.withLock { $0 = $0 + .seconds(1) }
            }

            #expect(kept(.stdout, of: 1, in: archive) == nil)
            #expect(kept(.stdout, of: 2, in: archive)?.count == 100_000)
            #expect(kept(.stdout, of: 3, in: archive)?.count == 100_000)

            try await run("head -c 400000 /dev/zero", as: 4, in: archive)

            #expect(kept(.stdout, of: 4, in: archive)?.count == 250_000, "one alone has no more room than there is")
            #expect(kept(.stdout, of: 3, in: archive) == nil)
        }
    }

    @Test func `what is old enough goes, also what an earlier start has kept`() async throws {
        try await withTemporaryDirectory { directory in
            let time = Mutex(noon)
            let first = archive(directory, now: { time.withLock { $0 } })
            try await run("seq 1 100", in: first)
            first.prune()
            #expect(kept(.stdout, in: first) != nil)
            time.withLock { $0 = $0 + .seconds(86_401) }
            first.prune()
            #expect(kept(.stdout, in: first) == nil)

            try await run("seq 1 100", as: 2, in: archive(directory))
            let second = archive(directory)
            #expect(kept(.stdout, of: 2, in: second) != nil, "a start takes over what is there")
            let third = archive(directory, now: { WallClock.now() + .seconds(86_401) })
            #expect(kept(.stdout, of: 2, in: third) == nil)
        }
    }

    @Test func `what was found at the start counts for the room that there is`() async throws {
        try await withTemporaryDirectory { directory in
            try await run("head -c 100000 /dev/zero", in: archive(directory))

            let second = archive(directory, change: { $0.totalBytes = 150_000 })
            try await run("head -c 100000 /dev/zero", as: 2, in: second)

            #expect(kept(.stdout, of: 1, in: second) == nil)
            #expect(kept(.stdout, of: 2, in: second)?.count == 100_000)
        }
    }

    @Test func `a run whose output cannot be kept is as any other`() async throws {
        try await withTemporaryDirectory { directory in
            let archive = archive(directory + "/missing")

            let outcome = try await run("seq 1 100", in: archive)

            #expect(outcome.state == .completed && outcome.data?["stdout_bytes"] == 292)
            #expect(kept(.stdout, in: archive) == nil)
        }
    }
}
