// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Holds the link's state for all connections and writes its changes to the log.
final class LinkReport: Sendable {
    private let machine = Mutex(LinkStateMachine())
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    var state: LinkState { machine.withLock { $0.state } }

    func connected() {
        tell(machine.withLock { $0.connected() })
    }

    func failed(_ reason: String) {
        tell(machine.withLock { $0.failed(reason: reason) })
    }

    func closed() {
        tell(machine.withLock { $0.closed() })
    }

    private func tell(_ change: LinkState?) {
        switch change {
        case nil: break
        case .idle?: logger.info("link to the controller closed")
        case .connected?: logger.info("link to the controller is up")
        case .unreachable(let reason)?:
            logger.warning("the controller cannot be reached; trying again", metadata: ["reason": "\(reason)"])
        }
    }
}
