// SPDX-License-Identifier: Apache-2.0

import Jobs
import LocalFiles
import Synchronization
import Tunnel

/// What this agent's certificate says; read again when the file is another one.
final class OwnIdentity: Sendable {
    private let path: String
    private let known = Mutex<(stamp: FileStamp, identity: PeerIdentity)?>(nil)

    init(certificate path: String) {
        self.path = path
    }

    /// The id.
    ///
    /// - Throws: `TunnelError` where there is no certificate to be read.
    func id() throws -> AgentID { AgentID(try identity().agentID) }

    /// When the certificate ends; nil where there is none to be read.
    var expiresAt: Timestamp? {
        (try? identity()).map { Timestamp(milliseconds: Int64($0.expiresAt) * 1000) }
    }

    private func identity() throws -> PeerIdentity {
        let stamp = try? FileStamp(path: path)
        return try known.withLock { known in
            if let known, known.stamp == stamp { return known.identity }
            let identity = try PeerIdentity(certificatePEMFile: path)
            if let stamp { known = (stamp, identity) }
            return identity
        }
    }
}
