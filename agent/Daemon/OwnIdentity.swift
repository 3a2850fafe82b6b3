// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization
import Tunnel

/// The id of this agent, as its certificate says; read again when the file is another one.
final class OwnIdentity: Sendable {
    private struct Stamp: Equatable {
        let file: UInt
        let seconds: Int
        let nanoseconds: Int
    }

    private let path: String
    private let known = Mutex<(stamp: Stamp, id: AgentID)?>(nil)

    init(certificate path: String) {
        self.path = path
    }

    /// The id.
    ///
    /// - Throws: `TunnelError` where there is no certificate to be read.
    func id() throws -> AgentID {
        let stamp = stamp()
        return try known.withLock { known in
            if let known, known.stamp == stamp { return known.id }
            let id = AgentID(try agentID(ofCertificatePEMFile: path))
            if let stamp { known = (stamp, id) }
            return id
        }
    }

    private func stamp() -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(file: status.st_ino, seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }
}
