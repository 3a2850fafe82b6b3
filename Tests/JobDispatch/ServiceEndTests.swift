// SPDX-License-Identifier: Apache-2.0

import Dispatch
import JobDispatch
import Jobs
import Logging
import ServiceLifecycle
import Store
import Synchronization
import Testing

/// Services that are told to stop while the store is at work for them.
@Suite(.timeLimit(.minutes(10)))
struct ServiceEndTests {
    /// Holds up the first statement after it was armed, until it is released.
    private final class Barrier: Sendable {
        let reached: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation
        private let isArmed = Atomic(false)
        private let gate = DispatchSemaphore(value: 0)

        init() { (reached, continuation) = AsyncStream.makeStream() }

        func arm() { isArmed.store(true, ordering: .sequentiallyConsistent) }

        func release() { gate.signal() }

        func pass() {
            guard isArmed.exchange(false, ordering: .sequentiallyConsistent) else { return }
            continuation.yield()
            gate.wait()
        }
    }

    private static func service(_ name: String, _ store: any JobStore) -> any Service {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let directory = AgentDirectory([], now: .now)
        let now: @Sendable () -> Timestamp = { DispatchFixture.start }
        switch name {
        case "deadlines":
            return DeadlineService(store: store, directory: directory, lease: .zero, wallClock: now, logger: logger)
        case "retention":
            var retention = Retention()
            retention.maximumJobs = 1
            return RetentionService(store: store, retention: retention, wallClock: now, logger: logger)
        default:
            let jobs = JobService(store: store, directory: directory, signal: DeliverySignal(), limits: JobLimits())
            return AnyJobService(jobs: jobs, wallClock: now, logger: logger)
        }
    }

    @Test(arguments: ["deadlines", "retention", "runs for any agent"])
    func `a service that has to stop while the store works for it ends without an error`(name: String) async throws {
        let barrier = Barrier()
        var configuration = SQLiteStore.Configuration()
        configuration.onStatement = { _ in barrier.pass() }
        let store = try SQLiteStore.inMemory(configuration: configuration)
        let service = Self.service(name, store)

        barrier.arm()
        let running = Task { try await service.run() }
        await barrier.reached.first { true }
        // Tells the store at once, as a graceful shutdown does a moment later.
        running.cancel()
        barrier.release()

        await #expect(throws: Never.self) { try await running.value }
        try await store.close()
    }

    @Test func `work that is cut short by a graceful shutdown has not failed, and other work that is cancelled has`()
        async throws
    {
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let work = Work {
            try await untilGracefulShutdown {
                continuation.yield()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(configuration: .init(services: [work], logger: logger))
        async let end: Void = group.run()
        await begun.first { true }

        await group.triggerGracefulShutdown()

        try await end
        await #expect(throws: CancellationError.self) { try await untilGracefulShutdown { throw CancellationError() } }
    }

    private struct Work: Service {
        let body: @Sendable () async throws -> Void

        init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

        func run() async throws { try await body() }
    }
}
