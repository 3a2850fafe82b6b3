// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL
import NIOTLS

/// Guards a client's connection from its first packet until it is joined to nng.
///
/// It bounds the handshake, learns who the client is, has the connection to nng made, and leaves the pipeline.
final class EdgeHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let edge: EdgeContext
    private let link: RelayLink
    private let near: RelayEnd
    private let far: RelayEnd
    private var timer: Scheduled<Void>?
    private var failure: (any Error)?
    private var isHandshaking = true
    private var remoteAddress = "unknown"

    init(edge: EdgeContext, link: RelayLink, near: RelayEnd, far: RelayEnd) {
        self.edge = edge
        self.link = link
        self.near = near
        self.far = far
    }

    func channelActive(context: ChannelHandlerContext) {
        remoteAddress = context.channel.remoteAddress.map(Self.text) ?? remoteAddress
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: edge.handshakeTimeout) { [self] in
            guard endHandshake() else { return }
            edge.meter.countHandshakeTimeout()
            edge.failures.refused(remoteAddress, reason: "the handshake took too long")
            context.close(promise: nil)
        }
        context.fireChannelActive()
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        guard endHandshake() else { return }
        do {
            let handler = try context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            guard let certificate = handler.peerCertificate else { throw NIOSSLError.noCertificateToValidate }
            let identity = try PeerIdentity(certificate: certificate, remoteAddress: remoteAddress)
            if let refusal = edge.refusal(of: identity) {
                edge.turnAway(identity, for: refusal)
                // The client is told, or it would never know: its handshake was good.
                let notice = context.channel.allocator.buffer(string: RefusalNotice(refusal).text)
                context.writeAndFlush(Self.wrapOutboundOut(notice), promise: nil)
                return context.close(promise: nil)
            }
            connect(context: context, as: identity)
        } catch {
            refuse(error)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isHandshaking, failure == nil { failure = error }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if endHandshake() { refuse(failure ?? NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake]))) }
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that closes before it was ever active has no other end.
        abandon()
    }

    /// Ends a handshake that cannot go on, and only that.
    func abandon() {
        if endHandshake() { edge.meter.countHandshakeFailed() }
    }

    /// Frees the handshake's place; false if it had ended before.
    private func endHandshake() -> Bool {
        guard isHandshaking else { return false }
        isHandshaking = false
        timer?.cancel()
        timer = nil
        edge.gate.handshakeEnded()
        return true
    }

    private func refuse(_ error: any Error) {
        edge.meter.countHandshakeFailed()
        edge.failures.refused(remoteAddress, reason: TLSFailure.describe(error))
    }

    private func connect(context: ChannelHandlerContext, as identity: PeerIdentity) {
        edge.connectUpstream(far: far, eventLoop: context.eventLoop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let upstream):
                guard !near.isGone, edge.register(identity, upstream: upstream) else {
                    return upstream.close(promise: nil)
                }
                link.join(near, far)
                context.pipeline.syncOperations.removeHandler(self, promise: nil)
            case .failure(let error):
                edge.meter.countUpstreamFailed()
                edge.failures.refused(
                    remoteAddress,
                    reason: "nng's port cannot be reached: \(TLSFailure.describe(error))"
                )
                near.abort()
            }
        }
    }

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? address.description
        guard let port = address.port else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
