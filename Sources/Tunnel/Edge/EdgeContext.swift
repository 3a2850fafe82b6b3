// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// What all connections of an edge share.
final class EdgeContext: Sendable {
    let directory: PeerDirectory
    let gate: AdmissionGate
    let meter: EdgeMeter
    let failures: FailureLog
    let contexts: TLSContextCache
    let connections = ConnectionSet()
    let handshakeTimeout: TimeAmount
    let limits: RelayLimits
    private let upstream: SocketAddress
    private let tuning: SocketTuning

    init(
        configuration: EdgeService.Configuration,
        directory: PeerDirectory,
        gate: AdmissionGate,
        meter: EdgeMeter,
        failures: FailureLog,
        contexts: TLSContextCache
    ) throws {
        self.directory = directory
        self.gate = gate
        self.meter = meter
        self.failures = failures
        self.contexts = contexts
        handshakeTimeout = TimeAmount(configuration.handshakeTimeout)
        limits = RelayLimits(
            idle: configuration.idleTimeout.map { TimeAmount($0) },
            linger: TimeAmount(configuration.lingerTimeout)
        )
        upstream = try SocketAddress(ipAddress: "127.0.0.1", port: configuration.upstreamPort)
        tuning = SocketTuning(configuration.keepalive)
    }

    /// Makes the connection to nng; it reads nothing until it is joined.
    func connectUpstream(far: RelayEnd, eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        let end = NIOLoopBound(far, eventLoop: eventLoop)
        return ClientBootstrap(group: eventLoop)
            .relayed(tuning)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(end.value) }
            }
            .connect(to: upstream)
    }

    /// Enters a connection to nng into the directory until it closes; false if it has closed already.
    func register(_ identity: PeerIdentity, upstream: any Channel) -> Bool {
        guard upstream.isActive, let port = upstream.localAddress?.port else { return false }
        let connection = directory.insert(identity, localPort: port)
        let directory = directory
        upstream.closeFuture.whenComplete { _ in directory.remove(localPort: port, connection: connection) }
        return true
    }

    /// Sets up a connection that has been admitted.
    func configure(_ channel: any Channel) throws {
        connections.insert(channel)
        let link = RelayLink(eventLoop: channel.eventLoop, limits: limits, meter: meter.relay)
        let ends = link.makeEnds()
        let handshake = EdgeHandshakeHandler(edge: self, link: link, near: ends.near, far: ends.far)
        do {
            var tls = NIOSSLHandler.Configuration()
            tls.maximumPreservedOutboundBufferCapacity = 4096
            let secure = NIOSSLServerHandler(context: try contexts.context(), configuration: tls)
            try channel.pipeline.syncOperations.addHandlers([secure, handshake, ends.near])
        } catch {
            handshake.abandon()
            throw error
        }
    }
}
