// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Synchronization

/// A host of a campaign: its agent, and the link through which it reaches the controller.
///
/// One task at a time changes it.
final class Host: Sendable {
    let name: String
    let link: any Link
    private let deployment: Deployment
    private let process = Mutex<Program?>(nil)

    init(_ name: String, of deployment: Deployment, at link: any Link) {
        self.name = name
        self.deployment = deployment
        self.link = link
    }

    /// The agent, unless it has never been started.
    var agent: Program? { process.withLock { $0 } }

    /// Starts the agent unless it runs.
    func start() async throws {
        guard agent?.isRunning != true else { return }
        let program = try await deployment.startAgent(
            name,
            through: link.address,
            within: link.prefix,
            settings: [
                "runs.maximum": "16", "runs.kill_grace": "1s", "runs.shutdown_grace": "1s", "log.level": "debug",
            ]
        )
        process.withLock { $0 = program }
    }
}
