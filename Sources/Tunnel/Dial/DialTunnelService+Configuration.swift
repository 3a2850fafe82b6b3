// SPDX-License-Identifier: Apache-2.0

extension DialTunnelService {
    /// Who may use the tunnel's loopback port.
    package enum LocalAccess: Sendable {
        /// Processes of the user this one runs as: whoever else connects would borrow the agent's identity.
        case sameUser
        /// Every process of the host. For load tools, whose thousands of connections would make the check slow.
        case anyUser
    }

    /// What a dial tunnel needs to know.
    package struct Configuration: Sendable {
        /// The controller's host: a DNS name or an address, which its certificate must carry.
        package var host: String
        /// The port of the controller's edge.
        package var port: Int
        /// The name the controller's certificate must carry if it is not `host`.
        package var serverName: String?
        /// Our certificate and key, and the authorities of the controller's certificate.
        package var files: TLSFiles
        /// How long a TCP connection may take.
        package var connectTimeout: Duration = .seconds(10)
        /// How long the handshake may take after that, a wait in the edge's queue included.
        package var handshakeTimeout: Duration = .seconds(30)
        /// When one side has ended, how long the other may take to receive what is pending and end as well.
        package var lingerTimeout: Duration = .seconds(10)
        /// Silence in both directions after which a connection is closed; nil for never.
        ///
        /// Agents poll far more often.
        package var idleTimeout: Duration? = .seconds(900)
        /// The pauses, from the first to the longest, before a controller is dialled again that has refused our
        /// certificate: revoked, expired, or of an authority that it does not trust.
        package var refusalPauses: ClosedRange<Duration> = .seconds(2) ... .seconds(60)
        /// How the kernel finds out that the controller is gone.
        package var keepalive = Keepalive()
        /// Who may use the loopback port.
        package var localAccess = LocalAccess.sameUser
        /// More local connections than this are closed as they come.
        package var maximumConnections: Int = 64
        /// Event loops, when the tunnel makes its own.
        package var threads: Int = 1

        /// A configuration with the defaults; set the rest as needed.
        ///
        /// - Parameters:
        ///   - host: The controller's host.
        ///   - port: The port of the controller's edge.
        ///   - files: The PEM files.
        package init(host: String, port: Int, files: TLSFiles) {
            self.host = host
            self.port = port
            self.files = files
        }
    }
}
