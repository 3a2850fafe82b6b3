// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One of the two connections of a pair: what it reads is written to its partner.
///
/// It reads on only when the partner's socket has taken everything. So a pair holds at most one burst of reads in each direction, however slow a peer is.
///
/// An end of input travels on: the partner's output is closed after the last pending byte, and when both inputs have
/// ended, or one connection is gone, the pair closes. All of it happens on one event loop, both connections share it.
final class RelayEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Side: Sendable {
        /// The connection that was accepted.
        case near
        /// The connection that was made for it.
        case far
    }

    let side: Side
    private let link: RelayLink
    /// Held until this end leaves its pipeline, which breaks the cycle.
    private var partner: RelayEnd?
    private var context: ChannelHandlerContext?
    /// What came before the partner was there, at most what one read brings.
    private var early: [ByteBuffer] = []
    /// Bytes written to this connection that its socket has not taken yet.
    private var pending = 0
    private var isReading = false
    private var outputEnded = false
    private var inputEnded = false
    private(set) var isGone = false

    init(side: Side, link: RelayLink) {
        self.side = side
        self.link = link
    }

    /// Joins two connections; from now on bytes flow.
    static func join(_ near: RelayEnd, _ far: RelayEnd) {
        near.partner = far
        far.partner = near
        near.begin()
        far.begin()
        near.settle()
        far.settle()
    }

    private func begin() {
        let waiting = early
        early = []
        for buffer in waiting { partner?.send(buffer) }
        partner?.context?.flush()
        resumeReading()
    }

    // MARK: From this connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        link.touch()
        link.meter.read(buffer.readableBytes, from: side)
        if let partner {
            partner.send(buffer)
        } else {
            early.append(buffer)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        partner?.context?.flush()
        resumeReading()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: endInput()
        case is DrainEvent: link.drain()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        for buffer in early { link.meter.released(buffer.readableBytes) }
        early = []
        endInput()
        link.endIsGone()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Whatever it was, an end of input or of the whole connection follows; only the reason is worth keeping.
        link.lastError = error
    }

    /// No more comes from this connection, or no more is wanted.
    func endInput() {
        guard !inputEnded || isGone else { return }
        inputEnded = true
        link.startLingering()
        settle()
        partner?.settle()
    }

    // MARK: To this connection

    private func send(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        guard let context, !isGone, !outputEnded else { return link.meter.released(count) }
        pending += count
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            pending -= count
            link.meter.released(count)
            if pending == 0 { drained() }
        }
        context.write(Self.wrapOutboundOut(buffer), promise: written)
    }

    private func drained() {
        link.touch()
        settle()
        partner?.resumeReading()
    }

    /// Reads on if the partner has taken all that was read before.
    private func resumeReading() {
        guard let context, let partner, !isReading, !inputEnded, partner.pending == 0, !partner.isGone else { return }
        isReading = true
        context.read()
    }

    /// Closes what has become pointless: the output once the partner has no more to say, the connection once both are
    /// through; always after the last pending byte.
    private func settle() {
        guard let context, !isGone, pending == 0 else { return }
        guard let partner else {
            // Nobody to forward to yet, so nothing is lost by closing at once.
            if inputEnded { context.close(promise: nil) }
            return
        }
        guard partner.inputEnded else { return }
        if inputEnded || partner.isGone {
            context.close(promise: nil)
        } else if !outputEnded {
            outputEnded = true
            context.close(mode: .output, promise: nil)
        }
    }

    /// Closes without waiting for anything.
    func abort() {
        context?.close(promise: nil)
    }
}
