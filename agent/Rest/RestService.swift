// SPDX-License-Identifier: Apache-2.0

package import Runner
import ServiceLifecycle

/// Gives back what the start, or a run, needed and an agent at rest does not.
package struct RestService: Service {
    private let runner: any RunHolder
    private let pause: Duration
    private let release: @Sendable () -> Void

    /// Makes a service that has given nothing back.
    ///
    /// - Parameters:
    ///   - runner: whose runs are the work.
    ///   - pause: how long after something was done; and how often at most.
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

    /// Gives back some time after the start and after all that is reported, until the task is cancelled.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            for await _ in runner.reportSignals() {
                try await Task.sleep(for: pause)
                release()
            }
        }
    }
}
