// SPDX-License-Identifier: Apache-2.0

import Glibc
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
    private let isRefused: @Sendable (PeerIdentity) -> EdgeRefusal?
    private let turnedAway: @Sendable (EdgeRefusal) -> Void
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
        isRefused = configuration.refusal
        turnedAway = configuration.turnedAway
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

    /// Why a client whose handshake was good is not let through; nil where it is.
    ///
    /// The end of its certificate is looked at here as well: a resumed session, or one that stands for long, has outlived
    /// the check of the handshake.
    func refusal(of identity: PeerIdentity) -> EdgeRefusal? {
        if identity.expiresAt <= time(nil) { return .expired }
        return isRefused(identity)
    }

    /// Counts and logs a client that is turned away.
    func turnAway(_ identity: PeerIdentity, for refusal: EdgeRefusal) {
        meter.countUnwelcome()
        turnedAway(refusal)
        failures.refused(identity.remoteAddress, reason: "\(identity.hostname ?? identity.agentID): \(refusal.reason)")
    }

    /// Enters a connection to nng into the directory until it closes; false if it has closed already, or if its identity
    /// was refused meanwhile.
    func register(_ identity: PeerIdentity, upstream: any Channel) -> Bool {
        guard upstream.isActive, let port = upstream.localAddress?.port else { return false }
        let connection = directory.insert(identity, localPort: port) { upstream.close(promise: nil) }
        let directory = directory
        upstream.closeFuture.whenComplete { _ in directory.remove(localPort: port, connection: connection) }
        // Entered before it is asked: of a refusal at this moment, either this learns or whoever closes what is entered.
        return refusal(of: identity) == nil
    }

    /// Closes the connections of those who would not be let in any more.
    func closeUnwelcome() {
        directory.close { refusal(of: $0) != nil }
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
