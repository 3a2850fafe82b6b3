// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL
import NIOTLS

/// Guards a connection to the controller until its first byte has come, and reports what became of it.
final class DialHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private enum Stage {
        case handshaking
        /// The handshake is done on our side; the controller may still refuse our certificate.
        case unconfirmed
        case connected
        case ended
    }

    private let link: RelayLink
    private let near: RelayEnd
    private let far: RelayEnd
    private let report: LinkReport
    private let timeout: TimeAmount
    private var stage = Stage.handshaking
    private var timer: Scheduled<Void>?
    private var failure: (any Error)?

    init(link: RelayLink, near: RelayEnd, far: RelayEnd, report: LinkReport, timeout: TimeAmount) {
        self.link = link
        self.near = near
        self.far = far
        self.report = report
        self.timeout = timeout
    }

    func channelActive(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            guard case .handshaking = stage else { return }
            fail("no answer: the handshake took too long")
            context.close(promise: nil)
        }
        context.fireChannelActive()
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshaking = stage, case .handshakeCompleted? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        stage = .unconfirmed
        timer?.cancel()
        if near.isGone {
            context.close(promise: nil)
        } else {
            link.join(near, far)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .unconfirmed = stage {
            if let notice = RefusalNotice(Self.unwrapInboundIn(data)) {
                stage = .ended
                report.refused(notice.reason)
                return context.close(promise: nil)
            }
            stage = .connected
            report.connected()
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = error }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        switch stage {
        case .handshaking, .unconfirmed:
            // When it was nng that gave up, the link's state has not changed.
            let isOurs = near.isGone && failure == nil
            if !isOurs { fail(with: failure) }
        case .connected:
            stage = .ended
            report.closed()
        case .ended: break
        }
        context.fireChannelInactive()
    }

    private func fail(with failure: (any Error)?) {
        guard let failure else { return fail("closed by the controller without an answer") }
        guard TLSFailure.isRefusal(failure) else { return fail(TLSFailure.describe(failure)) }
        stage = .ended
        report.refused(TLSFailure.describe(failure))
    }

    private func fail(_ reason: String) {
        stage = .ended
        report.failed(reason)
    }
}
