// SPDX-License-Identifier: Apache-2.0

package import Runner
import ServiceLifecycle
import Synchronization

/// Gives back what the start, or a run, needed and an agent at rest does not.
package final class RestService: Service {
    private let runner: any RunHolder
    private let pause: Duration
    private let release: @Sendable () -> Void
    private let reports = Atomic(0)

    /// Makes a service that has given nothing back.
    ///
    /// - Parameters:
    ///   - runner: whose runs are the work.
    ///   - pause: how long nothing must have been done.
    ///   - release: what gives back.
    package init(
        of runner: any RunHolder,
        pause: Duration = .seconds(10),
        release: @escaping @Sendable () -> Void = { CodePages.release() }
    ) {
        self.runner = runner
        self.pause = pause
        self.release = release
    }

    /// Gives back when nothing has been reported for a while since the start or the last report, until the task is cancelled.
    package func run() async throws {
        let listener = runner.onReport { [weak self] in self?.reports.add(1, ordering: .relaxed) }
        defer { listener.end() }
        try? await cancelWhenGracefulShutdown {
            for await _ in self.runner.reportSignals() {
                try await self.rest()
                self.release()
            }
        }
    }

    private func rest() async throws {
        var seen: Int
        repeat {
            seen = reports.load(ordering: .relaxed)
            try await Task.sleep(for: pause)
        } while reports.load(ordering: .relaxed) != seen
    }
}
