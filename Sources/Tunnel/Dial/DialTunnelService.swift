// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The agent's side of the tunnel: nng dials its loopback port, and the bytes go on to the controller in mutual TLS.
///
/// If the controller cannot be reached, the loopback connection is closed; nng dials again by itself, with its own
/// backoff. While the controller refuses our certificate, most of these connections are closed without an attempt. The
/// log says when the state changes and why, not once an attempt.
package final class DialTunnelService: Service {
    private let configuration: Configuration
    private let group: (any EventLoopGroup)?
    private let logger: Logger
    private let report: LinkReport
    private let port = Announcement<Int>()

    /// Makes a tunnel that does nothing until it is run.
    ///
    /// - Parameters:
    ///   - configuration: The controller's place and our certificates.
    ///   - group: The event loops to use; without them the tunnel runs its own.
    ///   - logger: For changes of the link's state.
    package init(configuration: Configuration, group: (any EventLoopGroup)? = nil, logger: Logger) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        report = LinkReport(
            pauses: configuration.refusalPauses,
            certificate: configuration.files.certificateChain,
            logger: logger
        )
    }

    /// The loopback port nng has to dial, as soon as the tunnel listens on it.
    ///
    /// - Returns: The port on 127.0.0.1.
    /// - Throws: The error of `run()` if it failed before it listened; `CancellationError` if the caller is cancelled.
    package func boundPort() async throws -> Int {
        try await port.value()
    }

    /// Where the link to the controller stands.
    package var linkState: LinkState { report.state }

    /// Listens on loopback and forwards until it is told to stop; connections then have the linger timeout to flush.
    ///
    /// - Throws: `TunnelError` if the certificates cannot be used, no port can be bound, or the listener is lost.
    package func run() async throws {
        do {
            try await withEventLoops(group, threads: configuration.threads) { group in
                try await serve(on: group)
            }
        } catch {
            port.resolve(.failure(error))
            throw error
        }
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let contexts = TLSContextCache(files: configuration.files, role: .client, logger: logger)
        _ = try contexts.context()
        let dialer = Dialer(configuration: configuration, contexts: contexts, report: report, logger: logger)
        let listener = try await listen(on: group, dialer: dialer)
        try await Listener(channel: listener, connections: dialer.connections).serve {
            if let bound = listener.localAddress?.port { port.resolve(.success(bound)) }
        }
    }

    private func listen(on group: any EventLoopGroup, dialer: Dialer) async throws -> any Channel {
        do {
            return try await ServerBootstrap(group: group)
                .relayed(SocketTuning(configuration.keepalive))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try dialer.configure(channel) }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        } catch {
            throw TunnelError(.bind, "cannot listen on a loopback port", cause: error)
        }
    }
}
