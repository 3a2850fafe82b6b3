// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import ServiceLifecycle
import Store

/// Keeps an answer back until a job has ended, for clients that cannot follow a stream.
struct JobWait: Sendable {
    /// The longest time, in seconds.
    static let longest = 60
    /// How often to look at most.
    private static let pace: Duration = .milliseconds(50)

    let jobs: JobService
    let places: StreamPlaces

    /// Waits until a job has ended, its time is over, or the controller is going down.
    ///
    /// Whoever waits has a place among the streams; where none is free, it is not waited.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - time: how long at most.
    ///   - key: whose request waits.
    /// - Throws: ``StoreError``.
    func wait(for id: JobID, atMost time: Duration, key: String) async throws {
        guard time > .zero, let place = try? places.take(key) else { return }
        defer { withExtendedLifetime(place) {} }
        try await cancelWhenGracefulShutdown {
            let end = ContinuousClock.now + time
            while !Task.isCancelled, ContinuousClock.now < end {
                let seen = jobs.store.version
                let began = ContinuousClock.now
                guard let job = try await jobs.store.job(id), !job.status.isTerminal else { return }
                try? await Task.sleep(until: min(began + Self.pace, end), clock: .continuous)
                await jobs.store.commits.wait(past: seen, atMost: end - .now)
            }
        }
    }
}
