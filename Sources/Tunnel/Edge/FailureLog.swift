// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Synchronization

/// Writes one line a second about refused clients, however many there are: anybody can connect to the edge, and nobody
/// may fill the disk that way.
final class FailureLog: Sendable {
    private struct State {
        var nextLine = NIODeadline.uptimeNanoseconds(0)
        var suppressed = 0
    }

    private let logger: Logger
    private let interval: TimeAmount
    private let state = Mutex(State())

    init(logger: Logger, interval: TimeAmount = .seconds(1)) {
        self.logger = logger
        self.interval = interval
    }

    func refused(_ remoteAddress: String, reason: String, now: NIODeadline = .now()) {
        let suppressed: Int? = state.withLock { state in
            guard now >= state.nextLine else {
                state.suppressed += 1
                return nil
            }
            state.nextLine = now + interval
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        guard let suppressed else { return }
        logger.info(
            "client refused",
            metadata: [
                "peer.address": "\(remoteAddress)", "reason": "\(reason)", "log.suppressed": "\(suppressed)",
            ]
        )
    }
}
