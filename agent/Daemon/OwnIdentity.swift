// SPDX-License-Identifier: Apache-2.0

import Jobs
import LocalFiles
import Synchronization
import Tunnel

/// The id of this agent, as its certificate says; read again when the file is another one.
final class OwnIdentity: Sendable {
    private let path: String
    private let known = Mutex<(stamp: FileStamp, id: AgentID)?>(nil)

    init(certificate path: String) {
        self.path = path
    }

    /// The id.
    ///
    /// - Throws: `TunnelError` where there is no certificate to be read.
    func id() throws -> AgentID {
        let stamp = try? FileStamp(path: path)
        return try known.withLock { known in
            if let known, known.stamp == stamp { return known.id }
            let id = AgentID(try agentID(ofCertificatePEMFile: path))
            if let stamp { known = (stamp, id) }
            return id
        }
    }
}
