// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Synchronization
import Testing

@testable import JobDispatch

/// What becomes of the plug-ins that agents tell of.
struct PluginCensusTests {
    private let time = Timestamp(milliseconds: 1_790_000_000_000)

    private func directory(
        _ limits: PluginLimits = PluginLimits(),
        _ making: @escaping @Sendable () -> Void = {}
    ) -> AgentDirectory {
        AgentDirectory([], now: .now, plugins: limits) { plugins in
            making()
            return OperationCatalogue.builtIn.adding(plugins: plugins)
        }
    }

    private func plugin(_ type: String, limit: Int64 = 300_000, summary: String = "a test") -> JSONValue {
        [
            "type": .string(type), "kind": "read", "summary": .string(summary), "schema": ["type": "object"],
            "limit_ms": .int(limit),
        ]
    }

    @discardableResult
    private func introduce(_ host: String, _ plugins: [JSONValue], to directory: AgentDirectory) -> [PluginRefusal] {
        let introduction = AgentIntroduction(
            id: AgentID("id-\(host)"),
            hostname: host,
            labels: [:],
            facts: plugins.isEmpty ? [:] : ["plugins": .array(plugins)],
            version: ""
        )
        return directory.introduced(introduction, at: time, now: .now)
    }

    private func plugins(in directory: AgentDirectory) -> [String] {
        directory.catalogue.descriptors.map(\.type).filter { $0.hasPrefix("acme.") }
    }

    @Test func `a catalogue is made while agents come and are heard of, and made once for each change`() {
        let box = Mutex<AgentDirectory?>(nil)
        let count = Mutex(0)
        let directory = directory {
            count.withLock { $0 += 1 }
            guard let directory = box.withLock({ $0 }) else { return }
            // Would wait for ever if the catalogue were made under the locks that these take.
            directory.heard(AgentID("id-a"), at: time, now: .now)
            if count.withLock({ $0 }) == 1 { introduce("b", [plugin("acme.two")], to: directory) }
        }
        box.withLock { $0 = directory }
        introduce("a", [plugin("acme.one")], to: directory)

        #expect(plugins(in: directory) == ["acme.one"])
        #expect(plugins(in: directory) == ["acme.one", "acme.two"])
        introduce("c", [], to: directory)
        #expect(plugins(in: directory) == ["acme.one", "acme.two"])
        #expect(count.withLock { $0 } == 2)
        box.withLock { $0 = nil }
    }

    @Test func `what most agents have is used, as much as there is room for, and the rest as soon as there is`() {
        let directory = directory(PluginLimits(operations: 2))
        #expect(introduce("a", [plugin("acme.rare"), plugin("acme.other")], to: directory) == [])
        // As long as each is on one host, their names decide.
        #expect(introduce("b", [plugin("acme.usual")], to: directory).map(\.type) == ["acme.usual"])
        #expect(introduce("c", [plugin("acme.usual")], to: directory) == [])
        #expect(plugins(in: directory) == ["acme.other", "acme.usual"])
        #expect(directory.leftOut("acme.rare")?.reason.contains("2 operations") == true)
        #expect(directory.leftOut("acme.usual") == nil && directory.leftOut("acme.unheard") == nil)
        #expect(directory.leftOutCount == 1)

        let refusals = introduce("d", [plugin("acme.zzz")], to: directory)
        #expect(refusals.map(\.type) == ["acme.zzz"])

        for id in ["id-b", "id-c"] { directory.forget(AgentID(id)) }
        #expect(plugins(in: directory) == ["acme.other", "acme.rare"])
        introduce("a", [], to: directory)
        #expect(plugins(in: directory) == ["acme.zzz"])
        #expect(directory.leftOutCount == 0)
    }

    @Test func `the bytes of all descriptions together have a bound`() {
        let long = String(repeating: "x", count: 400)
        let directory = directory(PluginLimits(bytes: 1400))
        for host in 1...4 {
            introduce("h\(host)", [plugin("acme.p\(host)", summary: long)], to: directory)
        }
        #expect(plugins(in: directory).count == 2)
        #expect(directory.leftOutCount == 2)

        introduce("h0", [plugin("acme.small")], to: directory)
        #expect(plugins(in: directory).contains("acme.small"), "what has room is not kept out by what has none")
    }

    @Test func `a job for an operation that has no room is refused with the reason`() async throws {
        let store = try SQLiteStore.inMemory()
        let directory = directory(PluginLimits(operations: 1))
        introduce("a", [plugin("acme.one"), plugin("acme.two")], to: directory)
        let service = JobService(store: store, directory: directory, signal: DeliverySignal(), limits: JobLimits())
        let request = JobRequest(operation: OperationRequest(type: "acme.two", data: [:]), target: "_all")

        let error = await #expect(throws: SubmissionError.self) {
            _ = try await service.submit(request, by: .ann, now: DispatchFixture.start)
        }
        #expect(error?.code == .unknownOperation)
        #expect(error?.message.hasPrefix("'acme.two' is not used: agents tell of more plug-ins") == true)
    }

    @Test func `what no plug-in may be is refused one by one, and the others are used`() {
        let directory = directory()
        let large = plugin("acme.large", summary: String(repeating: "x", count: 500)).object ?? [:]
        let filling: JSONValue = ["description": .string(String(repeating: "x", count: 16_384)), "type": "object"]
        let refusals = introduce(
            "a",
            [
                .object(large.merging(["schema": filling]) { $1 }), plugin("ping"), plugin("acme.one"),
                plugin("acme.one"), "nonsense",
            ],
            to: directory
        )

        #expect(refusals.map(\.type) == ["acme.large", "ping", "acme.one", "?"])
        #expect(refusals.first?.reason.contains("more than the 16384") == true)
        #expect(plugins(in: directory) == ["acme.one"])
        #expect(introduce("a", [], to: directory) == [])
    }

    @Test func `a run may take as long as the description allows that allows most, whichever counts`() {
        let directory = directory()
        introduce("a", [plugin("acme.one", limit: 7_200_000)], to: directory)
        for host in ["b", "c"] { introduce(host, [plugin("acme.one", limit: 60_000, summary: "usual")], to: directory) }
        let request = OperationRequest(type: "acme.one", data: [:])

        #expect(directory.catalogue["acme.one"]?.summary == "usual")
        #expect(directory.catalogue.runLimit(for: request) == .seconds(7200))

        directory.forget(AgentID("id-a"))
        #expect(directory.catalogue.runLimit(for: request) == .seconds(60))
    }

    @Test func `whatever agents come, change and go, the catalogue is that of those who are there`() {
        var left: [String: [JSONValue]] = [:]
        let directory = directory(PluginLimits(operations: 3))
        var seed: UInt64 = 9
        func random(_ bound: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % bound
        }
        for _ in 0..<300 {
            let host = "h\(random(6))"
            if random(4) == 0 {
                directory.forget(AgentID("id-\(host)"))
                left[host] = nil
            } else {
                let some = (0..<random(4)).map { _ in plugin("acme.p\(random(6))", limit: Int64(1000 + random(2))) }
                left[host] = some
                introduce(host, some, to: directory)
            }
            let fresh = self.directory(PluginLimits(operations: 3))
            for (host, plugins) in left { introduce(host, plugins, to: fresh) }
            #expect(directory.catalogue.descriptors == fresh.catalogue.descriptors)
        }
    }
}
