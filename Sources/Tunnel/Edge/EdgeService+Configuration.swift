// SPDX-License-Identifier: Apache-2.0

extension EdgeService {
    /// What an edge needs to know.
    package struct Configuration: Sendable {
        /// The address to listen on; all of the machine's, of both families, unless told otherwise.
        package var bindHost: String = "::"
        /// The port to listen on; 0 lets the system choose, see `EdgeService/boundAddress()`.
        package var bindPort: Int
        /// The loopback port nng listens on.
        package var upstreamPort: Int
        /// Our certificate and key, and the authorities of the clients' certificates.
        package var files: TLSFiles
        /// How long a client may take from the accepted connection to the end of its handshake.
        package var handshakeTimeout: Duration = .seconds(10)
        /// Silence in both directions after which a connection is closed; nil for never.
        ///
        /// Agents poll far more often.
        package var idleTimeout: Duration? = .seconds(900)
        /// When one side has ended, how long the other may take to receive what is pending and end as well.
        package var lingerTimeout: Duration = .seconds(10)
        /// How the kernel finds out that a client is gone.
        package var keepalive = Keepalive()
        /// More connections than this are closed as they come.
        ///
        /// Lowered to what the limit on open files allows, at three descriptors a connection.
        package var maximumConnections: Int = 20_000
        /// Handshakes done at the same time; the rest waits in the kernel's queue.
        package var maximumHandshakes: Int = 256
        /// Connections the kernel may queue; the system's own limit (`net.core.somaxconn`) applies as well.
        package var backlog: Int32 = 4096
        /// Event loops, when the edge makes its own.
        package var threads: Int = 1
        /// Why an identity may not connect, though its certificate is good: it is revoked, say; nil where it may.
        ///
        /// Asked before a connection to nng is made, and again of all that are connected each `recheckInterval`. To cut one
        /// off sooner, let it be refused here, and then use ``PeerDirectory/close(where:)``.
        package var refusal: @Sendable (PeerIdentity) -> EdgeRefusal? = { _ in nil }
        /// Told of each client that is turned away for it; to be quick, since it is called on an event loop.
        package var turnedAway: @Sendable (EdgeRefusal) -> Void = { _ in }
        /// How often those who are connected are looked at: a certificate may have ended.
        package var recheckInterval: Duration = .seconds(30)

        /// A configuration with the defaults; set the rest as needed.
        ///
        /// - Parameters:
        ///   - bindPort: The port to listen on, or 0.
        ///   - upstreamPort: The loopback port nng listens on.
        ///   - files: The PEM files.
        package init(bindPort: Int, upstreamPort: Int, files: TLSFiles) {
            self.bindPort = bindPort
            self.upstreamPort = upstreamPort
            self.files = files
        }
    }
}
