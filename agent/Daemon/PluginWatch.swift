// SPDX-License-Identifier: Apache-2.0

import Operations
import ServiceLifecycle

/// Looks at the plug-ins of the host at the start and once a minute, so that what an operator puts there can be used without a
/// restart; and sooner where one could not say what it is and is to be asked again.
struct PluginWatch: Service {
    private static let interval: Duration = .seconds(60)

    let plugins: PluginDirectory

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await plugins.refresh()
                let end = ContinuousClock.now + Self.interval
                try await Task.sleep(until: min(end, plugins.nextQuestion ?? end), clock: .continuous)
            }
        }
    }
}
