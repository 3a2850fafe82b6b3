// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Makes a TLS connection to the controller for each loopback connection.
final class Dialer: Sendable {
    let connections = ConnectionSet()
    private let configuration: DialTunnelService.Configuration
    private let contexts: TLSContextCache
    private let report: LinkReport
    private let logger: Logger
    private let meter = RelayMeter()
    private let limits: RelayLimits

    init(
        configuration: DialTunnelService.Configuration,
        contexts: TLSContextCache,
        report: LinkReport,
        logger: Logger
    ) {
        self.configuration = configuration
        self.contexts = contexts
        self.report = report
        self.logger = logger
        limits = RelayLimits(
            idle: configuration.idleTimeout.map { TimeAmount($0) },
            linger: TimeAmount(configuration.lingerTimeout)
        )
    }

    /// Sets up an accepted loopback connection and starts to dial for it; it reads nothing until the two are joined.
    func configure(_ local: any Channel) throws {
        guard report.mayDial(with: configuration.files.version()) else { return local.close(promise: nil) }
        guard mayUse(local) else {
            logger.warning("a local connection was refused: it is not this user's, or there are too many")
            return local.close(promise: nil)
        }
        connections.insert(local)
        let link = RelayLink(eventLoop: local.eventLoop, limits: limits, meter: meter)
        let ends = link.makeEnds()
        try local.pipeline.syncOperations.addHandler(ends.near)
        dial(link: link, near: ends.near, far: ends.far, eventLoop: local.eventLoop)
    }

    private func mayUse(_ local: any Channel) -> Bool {
        guard connections.count < configuration.maximumConnections else { return false }
        switch configuration.localAccess {
        case .anyUser: return true
        case .sameUser:
            guard let remote = local.remoteAddress?.port, let port = local.localAddress?.port else { return false }
            return LocalOwner.userID(remotePort: remote, localPort: port) == geteuid()
        }
    }

    private func dial(link: RelayLink, near: RelayEnd, far: RelayEnd, eventLoop: any EventLoop) {
        let handshake = DialHandshakeHandler(
            link: link,
            near: near,
            far: far,
            report: report,
            timeout: TimeAmount(configuration.handshakeTimeout)
        )
        let bound = NIOLoopBound((handshake, far), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .relayed(SocketTuning(configuration.keepalive))
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let (handshake, far) = bound.value
                    try channel.pipeline.syncOperations.addHandlers([try tls(), handshake, far])
                }
            }
            .connect(host: configuration.host, port: configuration.port)
            .hop(to: eventLoop).assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let channel):
                    // nng may have given up in the meantime.
                    if near.isGone { channel.close(promise: nil) }
                case .failure(let error):
                    if !near.isGone { report.failed(TLSFailure.describe(error)) }
                    near.abort()
                }
            }
    }

    private func tls() throws -> NIOSSLClientHandler {
        let name = configuration.serverName ?? configuration.host
        // An address is no server name; the address connected to is then what the certificate has to carry.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        var handler = NIOSSLHandler.Configuration()
        handler.maximumPreservedOutboundBufferCapacity = 4096
        return try NIOSSLClientHandler(
            context: contexts.context(),
            serverHostname: isAddress ? nil : name,
            configuration: handler
        )
    }
}
