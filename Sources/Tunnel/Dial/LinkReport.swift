// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Synchronization

/// Holds the link's state for all connections, writes its changes to the log, and says when to dial a controller that
/// refuses us.
final class LinkReport: Sendable {
    private struct State {
        var machine = LinkStateMachine()
        var pace: RefusalPace
    }

    private let contents: Mutex<State>
    private let certificate: String
    private let logger: Logger

    /// Makes a report of a link of which nothing is known.
    ///
    /// - Parameters:
    ///   - pauses: before a controller is dialled again that has refused us.
    ///   - certificate: the file of our certificate, to name in the log.
    ///   - logger: for changes.
    init(pauses: ClosedRange<Duration>, certificate: String, logger: Logger) {
        contents = Mutex(State(pace: RefusalPace(pauses: pauses)))
        self.certificate = certificate
        self.logger = logger
    }

    var state: LinkState { contents.withLock { $0.machine.state } }

    /// Whether to dial now, with these files.
    func mayDial(with files: TLSFiles.Version) -> Bool {
        contents.withLock { $0.pace.mayDial(with: files, now: .now()) }
    }

    func connected() {
        tell(
            contents.withLock { contents in
                contents.pace.reset()
                return contents.machine.connected()
            }
        )
    }

    func failed(_ reason: String) {
        tell(contents.withLock { $0.machine.failed(reason: reason) })
    }

    func refused(_ reason: String) {
        tell(
            contents.withLock { contents in
                contents.pace.refused(random: .random(in: 0..<1), now: .now())
                return contents.machine.refused(reason: reason)
            }
        )
    }

    func closed() {
        tell(contents.withLock { $0.machine.closed() })
    }

    private func tell(_ change: LinkState?) {
        switch change {
        case nil: break
        case .idle?: logger.info("link to the controller closed")
        case .connected?: logger.info("link to the controller is up")
        case .unreachable(let reason)?:
            logger.warning("the controller cannot be reached; trying again", metadata: ["reason": "\(reason)"])
        case .refused(let reason)?:
            logger.error(
                """
                the controller refuses this host's certificate; trying again once in a while. If it is to be an agent \
                all the same, remove the certificate and join again, with `broker-agent join`
                """,
                metadata: ["reason": "\(reason)", "certificate": "\(certificate)"]
            )
        }
    }
}
