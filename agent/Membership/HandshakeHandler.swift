// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOTLS

/// Tells when the other side has shown that it is who it should be, or why it has not.
///
/// Nothing is sent before: else the failure to write would hide why the connection was closed.
final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let done: EventLoopPromise<Void>

    init(on loop: any EventLoop) {
        done = loop.makePromise()
    }

    /// Succeeds with the handshake, fails with what ended the connection before.
    var result: EventLoopFuture<Void> { done.futureResult }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { done.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Without effect where it is known already.
        done.fail(ChannelError.eof)
    }
}
