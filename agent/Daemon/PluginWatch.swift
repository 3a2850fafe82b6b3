// SPDX-License-Identifier: Apache-2.0

import Operations
import ServiceLifecycle

/// Looks at the plug-ins of the host once a minute, so that what an operator puts there can be used without a restart.
struct PluginWatch: Service {
    let plugins: PluginDirectory

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(60))
                await plugins.refresh()
            }
        }
    }
}
