// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import JobDispatch
import Jobs
import Logging
import Objects
import Store
import Testing
import Wire

@testable import Fleet

/// Agents that ask for objects, and give files, over real nng.
@Suite(.timeLimit(.minutes(2)))
struct ObjectFetchTests {
    private func with(_ body: @escaping @Sendable (FleetFixture, ObjectService) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "fleet-objects-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try SQLiteStore.inMemory()
        let objects = ObjectService(
            store: store,
            directory: try ObjectDirectory(path: path),
            wallClock: FleetFixture.now,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await FleetFixture.with(store: store, objects: objects) { try await body($0, objects) }
    }

    private func put(_ bytes: [UInt8], as name: String, _ objects: ObjectService) async throws -> ObjectRecord {
        let draft = try await objects.begin(for: "key", expecting: nil)
        _ = try bytes.withUnsafeBytes { try draft.append($0) }
        return try await objects.finish(draft, as: .init(name: name, createdBy: nil)) { _ in nil }.record
    }

    private func submit(
        _ type: String,
        _ data: JSONValue,
        to target: String,
        _ fixture: FleetFixture
    ) async throws -> Job {
        let request = JobRequest(operation: OperationRequest(type: type, data: data), target: target)
        return try await fixture.jobs.submit(request, by: .nobody, now: FleetFixture.now()).job
    }

    private func code(_ message: ControllerMessage) -> String? {
        guard case .refusal(let code, _, _) = message else { return nil }
        return code
    }

    @Test func `an agent gets the objects that its open runs need, and no others`() async throws {
        try await with { fixture, objects async throws in
            let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            let needed = try await put(bytes, as: "needed", objects)
            let other = try await put([1], as: "other", objects)
            let (one, two) = (try fixture.connect(), try fixture.connect())
            try await one.hello("web-1")
            try await two.hello("web-2")
            let job = try await submit("object.fetch", ["object": "needed"], to: "web-1", fixture)

            let question = ObjectQuestion(sha256: needed.sha256, offset: 900, length: 500)
            let expected = ObjectPiece(
                sha256: needed.sha256,
                totalBytes: 1000,
                offset: 900,
                bytes: Array(bytes[900...])
            )
            #expect(try await one.ask(.object(question)) == .piece(expected))
            #expect(code(try await two.ask(.object(question))) == "object_refused")
            let foreign = ObjectQuestion(sha256: other.sha256, offset: 0, length: 1)
            #expect(code(try await one.ask(.object(foreign))) == "object_refused")
            let done = ObjectQuestion(sha256: needed.sha256, offset: 1000, length: 0)
            guard case .piece(let end) = try await one.ask(.object(done)) else {
                Issue.record("no answer to what needs none")
                return
            }
            #expect(end.bytes.isEmpty)
            _ = job
        }
    }

    @Test func `a file is taken under the name that its job says, and only for that`() async throws {
        try await with { fixture, objects async throws in
            let (one, two) = (try fixture.connect(), try fixture.connect())
            try await one.hello("web-1")
            try await two.hello("web-2")
            let data: JSONValue = ["path": "/x", "object": "{{label.env}}/x", "maximum_bytes": 5]
            let job = try await submit("file.fetch", data, to: "web-1", fixture)
            let ping = try await submit("ping", [:], to: "web-1", fixture)
            let sha256 = String(repeating: "0f", count: 32)

            let first = ObjectUpload(jobID: job.id, offset: 0, bytes: [1], totalBytes: 2)
            #expect(code(try await two.ask(.upload(first))) == "object_refused")
            var foreign = first
            foreign.jobID = ping.id
            #expect(code(try await one.ask(.upload(foreign))) == "object_refused")
            var large = first
            large.totalBytes = 6
            #expect(code(try await one.ask(.upload(large))) == "object_too_large")
            #expect(try await one.ask(.upload(first)) == .uploaded(UploadReceipt(held: 1)))
            // What the controller does not have is asked for again.
            let gap = ObjectUpload(jobID: job.id, offset: 7, bytes: [1], totalBytes: 2)
            #expect(try await one.ask(.upload(gap)) == .uploaded(UploadReceipt(held: 1)))
            let wrong = ObjectUpload(jobID: job.id, offset: 1, bytes: [2], totalBytes: 2, sha256: sha256)
            #expect(code(try await one.ask(.upload(wrong))) == "object_corrupt")
            #expect(try await objects.store.object(named: "hosts/web-1/test/x") == nil)

            let right = try await put([1, 2], as: "same", objects).sha256
            #expect(try await one.ask(.upload(first)) == .uploaded(UploadReceipt(held: 1)))
            let last = ObjectUpload(jobID: job.id, offset: 1, bytes: [2], totalBytes: 2, sha256: right)
            let object = ObjectReference(name: "hosts/web-1/test/x", sha256: right, size: 2)
            #expect(try await one.ask(.upload(last)) == .uploaded(UploadReceipt(held: 2, object: object)))
            #expect(try await objects.store.object(named: "hosts/web-1/test/x")?.sha256 == right)
        }
    }

    @Test func `so many hosts give a file at once, and the others wait`() async throws {
        try await with { fixture, _ async throws in
            var agents: [HandAgent] = []
            for number in 0...UploadDesk.maximumFiles {
                agents.append(try fixture.connect())
                try await agents[number].hello("web-\(number)")
            }
            let job = try await submit("file.fetch", ["path": "/x"], to: "_all", fixture)
            let first = ObjectUpload(jobID: job.id, offset: 0, bytes: [1], totalBytes: 2)
            for agent in agents.dropLast() {
                #expect(try await agent.ask(.upload(first)) == .uploaded(UploadReceipt(held: 1)))
            }
            #expect(code(try await agents[UploadDesk.maximumFiles].ask(.upload(first))) == "busy")
            let sha256 = "9dcf97a184f32623d11a73124ceb99a5709b083721e878a16d78f596718ba7b2"
            let last = ObjectUpload(jobID: job.id, offset: 1, bytes: [1], totalBytes: 2, sha256: sha256)
            guard case .uploaded(let receipt) = try await agents[0].ask(.upload(last)) else {
                Issue.record("the first file was not taken")
                return
            }
            #expect(receipt.object?.name == "hosts/web-0/x")
            #expect(try await agents[UploadDesk.maximumFiles].ask(.upload(first)) == .uploaded(UploadReceipt(held: 1)))
        }
    }
}
