// SPDX-License-Identifier: Apache-2.0

import Access
import Crypto
import Foundation
import Jobs
import Logging
import Synchronization
import Testing

@testable import Operations

/// The objects of a host, with a controller that the test plays.
@Suite(.timeLimit(.minutes(2)))
struct ObjectCacheTests {
    /// A controller with some objects, which can fail, and count what it is asked.
    final class Controller: ObjectCache.Courier {
        struct Broken: Error {}

        struct State {
            var objects: [String: [UInt8]] = [:]
            var asked: [Int64] = []
            var done = 0
            /// After how many pieces it breaks; nil for never.
            var patience: Int?
            /// How many of the next pieces come with a byte changed.
            var corrupt = 0
            var received: [UInt8] = []
            /// How many bytes came with each piece of a file.
            var sizes: [Int] = []
            /// Forgets once what it was given.
            var forgets = false
        }

        let state = Mutex(State())

        func piece(of sha256: String, at offset: Int64, count: Int) async throws -> ObjectCache.Piece {
            await Task.yield()
            return try state.withLock { state in
                if state.patience == 0 { throw Broken() }
                state.patience = state.patience.map { $0 - 1 }
                state.asked.append(offset)
                guard let object = state.objects[sha256] else { throw OperationError("object_refused", "no") }
                var bytes = Array(object[Int(offset)..<min(object.count, Int(offset) + count)])
                if state.corrupt > 0 {
                    state.corrupt -= 1
                    bytes[0] ^= 1
                }
                return ObjectCache.Piece(totalBytes: Int64(object.count), bytes: bytes)
            }
        }

        func done(with sha256: String, at offset: Int64) { state.withLock { $0.done += 1 } }

        func send(_ part: ObjectCache.FilePart) async throws -> (held: Int64, object: ObjectReference?) {
            state.withLock { state in
                if state.forgets, part.offset > 0 {
                    state.forgets = false
                    state.received = []
                    return (0, nil)
                }
                if part.offset == 0 { state.received = [] }
                state.received += part.bytes
                state.sizes.append(part.bytes.count)
                let object = part.sha256.map { ObjectReference(name: "x", sha256: $0, size: part.totalBytes) }
                return (Int64(state.received.count), object)
            }
        }

        /// Keeps an object.
        func add(_ bytes: [UInt8]) -> ObjectReference {
            let sha256 = Hexadecimal.text(SHA256.hash(data: bytes))
            state.withLock { $0.objects[sha256] = bytes }
            return ObjectReference(name: "x", sha256: sha256, size: Int64(bytes.count))
        }

        var asked: [Int64] { state.withLock { $0.asked } }
    }

    private static func bytes(_ count: Int, _ seed: Int = 1) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8) &+ seed) }
    }

    private func with(
        _ maximumBytes: Int64 = 1 << 30,
        _ body: (ObjectCache, Controller, String) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "cache-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let controller = Controller()
        try await body(try cache(path, controller, maximumBytes), controller, path)
    }

    private func cache(_ path: String, _ controller: Controller, _ maximum: Int64 = 1 << 30) throws -> ObjectCache {
        try ObjectCache(
            directory: path,
            maximumBytes: maximum,
            courier: controller,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func contents(_ file: ObjectFile) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
    }

    @Test(arguments: [0, 1, ObjectCache.pieceBytes, 2 * ObjectCache.pieceBytes + 5])
    func `an object is fetched once, and is there from then on`(count: Int) async throws {
        try await with { cache, controller, path async throws in
            let object = controller.add(Self.bytes(count))
            #expect(try await cache.held(object) == nil)
            let file1 = try await cache.fetch(object)
            #expect(try contents(file1) == Self.bytes(count))
            let pieces = controller.asked.count
            let file2 = try await self.cache(path, controller).fetch(object)
            #expect(try contents(file2) == Self.bytes(count))

            #expect(try await cache.held(object)?.path == file1.path)
            #expect(controller.asked.count == pieces)
            #expect(pieces == (count + ObjectCache.pieceBytes - 1) / ObjectCache.pieceBytes)
            let modes = try [path, path + "/" + (object.sha256 ?? "")].map { path in
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            #expect(modes == [0o700, 0o600])
        }
    }

    @Test func `a fetch that broke off goes on where it ended, after a restart too`() async throws {
        try await with { cache, controller, path async throws in
            let object = controller.add(Self.bytes(10 * ObjectCache.pieceBytes))
            controller.state.withLock { $0.patience = 4 }
            await #expect(throws: Controller.Broken.self) { _ = try await cache.fetch(object) }
            controller.state.withLock { $0.patience = nil }
            let file = try await self.cache(path, controller).fetch(object)

            #expect(try contents(file) == Self.bytes(10 * ObjectCache.pieceBytes))
            #expect(controller.asked == (0..<10).map { Int64($0 * ObjectCache.pieceBytes) })
        }
    }

    @Test func `a piece that was changed is noticed, and the object fetched once more`() async throws {
        try await with { cache, controller, _ async throws in
            let object = controller.add(Self.bytes(3 * ObjectCache.pieceBytes))
            controller.state.withLock { $0.corrupt = 1 }
            let file3 = try await cache.fetch(object)
            #expect(try contents(file3) == Self.bytes(3 * ObjectCache.pieceBytes))
            #expect(controller.asked.count == 6)
        }
    }

    @Test func `an object that comes with other bytes each time is not used`() async throws {
        try await with { cache, controller, path async throws in
            let object = controller.add(Self.bytes(10))
            controller.state.withLock { $0.corrupt = 10 }
            let error = await #expect(throws: OperationError.self) { _ = try await cache.fetch(object) }
            #expect(error?.code == "object_corrupt")
            let left = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(left.isEmpty)
        }
    }

    @Test func `a file that was damaged on the disk is fetched again`() async throws {
        try await with { cache, controller, _ async throws in
            let object = controller.add(Self.bytes(1000))
            let path = try await cache.fetch(object).path
            var damaged = Self.bytes(1000)
            damaged[500] ^= 1
            try Data(damaged).write(to: URL(fileURLWithPath: path))

            let file4 = try await cache.fetch(object)
            #expect(try contents(file4) == Self.bytes(1000))
            #expect(controller.asked.count == 2)
        }
    }

    @Test func `a look changes nothing of what is there, neither of what is whole nor of what is damaged`() async throws
    {
        try await with { cache, controller, directory async throws in
            let (whole, damaged) = (controller.add(Self.bytes(1000, 1)), controller.add(Self.bytes(1000, 2)))
            let (path, other) = (try await cache.fetch(whole).path, try await cache.fetch(damaged).path)
            try Data(Self.bytes(1000, 3)).write(to: URL(fileURLWithPath: other))
            let old = Date(timeIntervalSince1970: 1_000_000_000)
            for path in [path, other] {
                try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
            }
            func times() throws -> [Int64?] {
                try [path, other].map { try FileState(at: $0)?.modifiedMilliseconds }
            }
            let before = try times()
            let asked = controller.asked.count

            let held = try await cache.held(whole)
            #expect(try await cache.held(damaged) == nil)

            #expect(held?.path == path)
            #expect(try times() == before && before == [1_000_000_000_000, 1_000_000_000_000])
            #expect(controller.asked.count == asked)
            held?.noteUse()
            #expect(try times() != before)
        }
    }

    @Test func `many who want the same fetch it once`() async throws {
        try await with { cache, controller, _ async throws in
            let object = controller.add(Self.bytes(3 * ObjectCache.pieceBytes))
            let paths = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<10 { group.addTask { try await cache.fetch(object).path } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(paths.count == 1)
            #expect(controller.asked.count == 3)
        }
    }

    @Test func `what was not used for longest makes room, and what is in use stays`() async throws {
        try await with(25) { cache, controller, path async throws in
            let objects = (1...3).map { controller.add(Self.bytes(10, $0)) }
            let first = try await cache.fetch(objects[0])
            _ = try await cache.fetch(objects[1])
            _ = try await cache.fetch(objects[2])
            let kept = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(Set(kept) == Set([objects[0], objects[2]].compactMap(\.sha256)))

            let third = try await cache.fetch(objects[2])
            let full = await #expect(throws: OperationError.self) { _ = try await cache.fetch(objects[1]) }
            #expect(full?.code == "object_too_large")
            let large = controller.add(Self.bytes(26))
            let error = await #expect(throws: OperationError.self) { _ = try await cache.fetch(large) }
            #expect(error?.code == "object_too_large")
            withExtendedLifetime((first, third)) {}
        }
    }

    @Test func `without a controller it is said so`() async throws {
        let context = OperationContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let data: JSONValue = ["object": "a"]
        let outcome = try await OperationSet.builtIn.run(
            OperationRequest(type: "object.fetch", data: data),
            in: context
        )
        #expect(outcome.error?.code == "no_controller")
        let fetch = OperationRequest(type: "file.fetch", data: ["path": "/etc/hostname", "object": "a"])
        #expect(try await OperationSet.builtIn.run(fetch, in: context).error?.code == "no_controller")
    }

    @Test func `an object is brought, told beforehand, and not brought twice`() async throws {
        try await with { cache, controller, _ async throws in
            let object = controller.add(Self.bytes(10))
            var context = OperationContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            context.objects = cache
            var dry = context
            dry.isDryRun = true
            let request = OperationRequest(type: "object.fetch", data: ["object": object.json])

            let foretold = try await OperationSet.builtIn.run(request, in: dry)
            #expect(controller.asked.isEmpty)
            let first = try await OperationSet.builtIn.run(request, in: context)
            let second = try await OperationSet.builtIn.run(request, in: context)
            let later = try await OperationSet.builtIn.run(request, in: dry)
            #expect([foretold, first, second, later].allSatisfy { $0.state == .completed })
            #expect([foretold, first, second, later].map(\.changed) == [true, true, false, false])
            #expect(second.data?["sha256"]?.string == object.sha256)
        }
    }

    @Test func `a dry run of what needs an object brings none, and says that what is in it is not known`() async throws
    {
        try await with { cache, controller, directory async throws in
            let object = controller.add(Self.bytes(10))
            var context = OperationContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            context.objects = cache
            let target = directory + "/../\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: target) }
            let path = JSONValue.string(URL(filePath: target).standardized.path)
            let deploy: JSONValue = ["path": path, "object": object.json]
            let template: JSONValue = ["path": path, "object": object.json, "template": true]
            let extract: JSONValue = ["destination": path, "object": object.json]
            for (type, data) in [("file.deploy", deploy), ("archive.extract", extract)] {
                let outcome = try await run(type, data, dryRun: true, in: context)
                #expect(outcome.state == .completed && outcome.changed == true, "\(outcome)")
                #expect(outcome.data?["object_on_host"] == false && outcome.text("sha256") == object.sha256)
            }
            let unknown = try await run("file.deploy", template, dryRun: true, in: context)
            #expect(unknown.state == .skipped && unknown.error?.code == "no_dry_run", "\(unknown)")
            #expect(controller.asked.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)

            let real = try await run("file.deploy", deploy, in: context)
            #expect(real.changed == true && real.data?["object_on_host"] == nil, "\(real)")
            // To say that nothing is to be done, it takes the file alone.
            try FileManager.default.removeItem(atPath: directory + "/" + (object.sha256 ?? ""))
            let later = try await run("file.deploy", deploy, dryRun: true, in: context)
            #expect(later.changed == false && controller.asked.count == 1, "\(later)")
        }
    }

    @Test func `an object of any size is deployed, compared and kept`() async throws {
        try await with { cache, controller, directory async throws in
            let (one, two) = (
                controller.add(Array(repeating: 1, count: HostFile.editableBytes + 5)),
                controller.add(Self.bytes(20, 2))
            )
            var context = OperationContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            context.objects = cache
            let path = directory + "/deployed"
            func deploy(
                _ object: ObjectReference,
                dryRun: Bool = false,
                template: Bool = false
            ) async throws -> RunOutcome {
                let data: JSONValue = [
                    "path": .string(path), "object": object.json, "backup": true, "template": .bool(template),
                ]
                return try await run("file.deploy", data, dryRun: dryRun, in: context)
            }

            let made = try await deploy(one)
            #expect(made.changed == true && made.number("bytes") == one.size, "\(made)")
            #expect(made.text("diff")?.contains("too large") == true)
            for isDry in [false, true] { #expect(try await deploy(one, dryRun: isDry).changed == false) }
            let shrunk = try await deploy(two)
            #expect(shrunk.changed == true && shrunk.text("diff")?.contains("too large") == true, "\(shrunk)")
            let old = try #require(try OpenFile.at(shrunk.text("backup") ?? "", following: false))
            #expect(try await old.sha256(in: context) == one.sha256)
            #expect(try HostFile.bytes(path) == Self.bytes(20, 2))
            let back = try await deploy(one)
            #expect(back.changed == true && back.text("backup") != nil, "\(back)")
            let template = try await deploy(one, template: true)
            #expect(template.error?.code == "file_too_large" && template.changed == false, "\(template)")
            let line = try await run("file.line", ["path": .string(path), "line": "x"], in: context)
            #expect(line.error?.code == "file_too_large" && line.changed == false, "\(line)")
        }
    }

    @Test func `a run whose time is over stops waiting`() async throws {
        try await with { cache, controller, _ async throws in
            let object = controller.add(Self.bytes(10))
            var context = OperationContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            context.objects = Stuck()
            context.deadline = .now + .milliseconds(20)
            let error = await #expect(throws: OperationError.self) { _ = try await context.fetch(object) }
            #expect(error?.state == .timedOut)
        }
    }

    private struct Stuck: ObjectSource {
        func held(_ object: ObjectReference) async throws -> ObjectFile? { nil }
        func fetch(_ object: ObjectReference) async throws -> ObjectFile {
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        }
        func store(_ path: String, atMost maximumBytes: Int64, for jobID: JobID) async throws -> ObjectReference {
            throw CancellationError()
        }
    }

    @Test func `a file is given in pieces, from the beginning where the controller has lost it`() async throws {
        try await with { cache, controller, path async throws in
            let bytes = Self.bytes(2 * ObjectCache.pieceBytes + 5)
            let file = path + "/file"
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            controller.state.withLock { $0.forgets = true }
            let object = try await cache.store(file, atMost: 1 << 30, for: JobID(high: 1, low: 1))

            #expect(controller.state.withLock { $0.received } == bytes)
            // What is sent again and again while others have their turns is little.
            #expect(controller.state.withLock { $0.sizes.first } == ObjectCache.firstBytes)
            #expect(controller.state.withLock { $0.sizes.max() } == ObjectCache.pieceBytes)
            #expect(object.sha256 == Hexadecimal.text(SHA256.hash(data: bytes)))
            for (code, path, most) in [
                ("file_too_large", file, 5), ("not_a_file", path, 5), ("not_found", "/nowhere", 5),
            ] {
                let error = await #expect(throws: OperationError.self) {
                    _ = try await cache.store(path, atMost: Int64(most), for: JobID(high: 1, low: 1))
                }
                #expect(error?.code == code)
            }
        }
    }
}
