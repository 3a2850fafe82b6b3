// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The controller's side of the tunnel: it accepts mutual TLS from outside and forwards the bytes to nng on loopback.
///
/// What is on the wire is nng's own `tls+tcp`, so any nng client with a certificate of the right authority can connect.
/// nng itself listens on 127.0.0.1 without TLS; the `PeerDirectory` says who is behind each of its pipes.
///
/// ```swift
/// let directory = PeerDirectory()
/// let edge = EdgeService(
///     configuration: .init(bindPort: 7800, upstreamPort: nngPort, files: files), directory: directory, logger: logger)
/// ```
package final class EdgeService: Service {
    private let configuration: Configuration
    private let directory: PeerDirectory
    private let group: (any EventLoopGroup)?
    private let logger: Logger
    private let meter = EdgeMeter()
    private let gate: AdmissionGate
    private let address = Announcement<SocketAddress>()

    /// Makes an edge that does nothing until it is run.
    ///
    /// - Parameters:
    ///   - configuration: Where to listen and what to allow.
    ///   - directory: Takes in who is behind each connection to nng.
    ///   - group: The event loops to use; without them the edge runs its own.
    ///   - logger: For state changes and, at most once a second, for refused clients.
    package init(
        configuration: Configuration,
        directory: PeerDirectory,
        group: (any EventLoopGroup)? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        self.directory = directory
        self.group = group
        self.logger = logger
        let possible = OpenFiles.connections(filesEach: 3)
        if possible < configuration.maximumConnections {
            logger.notice(
                "the limit on open files allows fewer connections than configured",
                metadata: ["connections": "\(possible)", "configured": "\(configuration.maximumConnections)"]
            )
        }
        gate = AdmissionGate(
            AdmissionStateMachine(
                maximumConnections: min(possible, configuration.maximumConnections),
                maximumHandshakes: configuration.maximumHandshakes
            )
        )
    }

    /// The address the edge listens on, as soon as it does.
    ///
    /// - Returns: The address with the real port.
    /// - Throws: The error of `run()` if it failed before it listened; `CancellationError` if the caller is cancelled.
    package func boundAddress() async throws -> SocketAddress {
        try await address.value()
    }

    /// The port the edge listens on, as soon as it does.
    ///
    /// - Returns: The real port, also when 0 was asked for.
    /// - Throws: As `boundAddress()` does.
    package func boundPort() async throws -> Int {
        try await address.value().port ?? configuration.bindPort
    }

    /// What the edge has seen and holds; cheap, and safe to ask at any time.
    package var counters: EdgeCounters {
        meter.snapshot(gate: gate)
    }

    /// Listens and forwards until it is told to stop; then it closes the listener, lets every connection flush for at most
    /// the linger timeout, and returns.
    ///
    /// - Throws: `TunnelError` if the certificates cannot be used, the address cannot be bound, or the listener is lost.
    package func run() async throws {
        do {
            try await withEventLoops(group, threads: configuration.threads) { group in
                try await serve(on: group)
            }
        } catch {
            address.resolve(.failure(error))
            throw error
        }
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let contexts = TLSContextCache(files: configuration.files, role: .server, logger: logger)
        _ = try contexts.context()
        let edge = try EdgeContext(
            configuration: configuration,
            directory: directory,
            gate: gate,
            meter: meter,
            failures: FailureLog(logger: logger),
            contexts: contexts
        )
        let interval = TimeAmount(configuration.recheckInterval)
        let recheck = group.next().scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            edge.closeUnwelcome()
        }
        defer { recheck.cancel() }
        let listener = try await listen(on: group, edge: edge)
        try await Listener(channel: listener, connections: edge.connections).serve {
            guard let bound = listener.localAddress else { return }
            logger.info("edge listens", metadata: ["address": "\(bound)"])
            address.resolve(.success(bound))
        }
        logger.info("edge stopped")
    }

    private func listen(on group: any EventLoopGroup, edge: EdgeContext) async throws -> any Channel {
        let tuning = SocketTuning(configuration.keepalive)
        let (gate, meter, logger) = (gate, meter, logger)
        do {
            return try await ServerBootstrap(group: group)
                .relayed(tuning)
                .serverChannelOption(ChannelOptions.backlog, value: configuration.backlog)
                .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
                // One at a time and on demand, so that the admission is exact.
                .serverChannelOption(ChannelOptions.autoRead, value: false)
                .serverChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            AdmissionHandler(gate: gate, meter: meter, logger: logger)
                        )
                    }
                }
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try edge.configure(channel) }
                }
                .bind(host: configuration.bindHost, port: configuration.bindPort).get()
        } catch {
            throw TunnelError(
                .bind,
                "cannot listen on \(configuration.bindHost) port \(configuration.bindPort)",
                cause: error
            )
        }
    }
}
