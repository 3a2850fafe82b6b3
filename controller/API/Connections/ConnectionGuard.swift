// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The body of a request was not there in time.
struct BodyTimeout: Error {}

/// What a handler of a request tells its connection before it reads a body, for clients that wait for that.
struct BodyWanted: Sendable {
    /// Whether it may take as long as it likes, while enough of it comes in all along.
    var isStream = false
}

/// Keeps one connection in bounds, whatever the client does, and speaks where the router cannot.
///
/// - A request that was answered before it came in whole is not read to its end, which may never come: the answer says
///   `Connection: close`, and soon after it the connection is closed.
/// - A body that does not come in time ends with ``BodyTimeout``; once the controller is going down, that is soon. One
///   that goes to a file has the time again with each part that comes in.
/// - A client that takes nothing of an answer for a while is cut off.
/// - `100 Continue` is sent when a body is wanted.
/// - The bare answer to what is no HTTP gets problem details.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private let metrics: HTTPMetrics
    private var machine: ConnectionStateMachine
    private var timer: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var isFlushed = false
    private var isRequestOver = false
    private var isStopping = false
    /// How much of a body that goes to a file has come in since its clock was started; nil for another body.
    private var streamed: Int?

    init(limits: ConnectionLimits, metrics: HTTPMetrics) {
        self.limits = limits
        self.metrics = metrics
        machine = ConnectionStateMachine(lingerBytes: limits.lingerBytes)
    }

    /// Reads in small pieces: several of them wait in the channel for whoever reads a body, or does not.
    func handlerAdded(context: ChannelHandlerContext) {
        let pieces = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: limits.pieceBytes)
        context.channel.setOption(.recvAllocator, value: pieces).whenFailure { _ in
            // The channel is closed already.
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        stall?.cancel()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if let streamed, case .body(let bytes) = part { self.streamed = streamed + bytes.readableBytes }
        switch machine.read(part) {
        case .pass: context.fireChannelRead(data)
        case .drop, .stopReading: break
        case .close:
            isRequestOver = true
            closeIfDone(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        timeBody(context)
        // Whoever read until now may have stopped.
        if machine.mayDrain { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if !machine.isLingering || machine.mayDrain { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if event is ChannelShouldQuiesceEvent { stop(context) }
        guard machine.isLingering, let event = event as? ChannelEvent, event == .inputClosed else { return }
        isRequestOver = true
        closeIfDone(context)
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let wanted = event as? BodyWanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if wanted.isStream { streamed = 0 }
        if machine.wantBody() {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        promise?.succeed(())
    }

    /// The controller is going down: who is in the middle of a body is not waited for as long as otherwise.
    private func stop(_ context: ChannelHandlerContext) {
        isStopping = true
        if machine.awaitsBody {
            stopTimer()
            timeBody(context)
        }
    }

    /// Starts or stops the clock of the body that is being waited for.
    private func timeBody(_ context: ChannelHandlerContext) {
        guard machine.awaitsBody else {
            if !machine.isLingering { stopTimer() }
            return
        }
        guard timer == nil else { return }
        let time = isStopping ? min(limits.stoppingTime, limits.bodyTime) : limits.bodyTime
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            self.timer = nil
            if !self.isStopping, let streamed = self.streamed, streamed >= self.limits.streamedBytes {
                self.streamed = 0
                return self.timeBody(context)
            }
            if self.machine.awaitsBody { context.fireErrorCaught(BodyTimeout()) }
        }
    }

    // MARK: Answers

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        stall?.cancel()
        stall = nil
        guard !context.channel.isWritable else { return }
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.stalledTime)) {
            context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.kind == .informational: context.write(data, promise: promise)
        case .head(let head): begin(head, context, promise)
        case .body: context.write(data, promise: promise)
        case .end: end(data, context, promise)
        }
    }

    private func begin(_ head: HTTPResponse, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        stopTimer()
        streamed = nil
        // The answers of the router all have an id; this one is the server's, to what it could not read.
        let isBare = head.status == .badRequest && head.headerFields[.requestID] == nil
        var head = head
        var body: ByteBuffer?
        if isBare {
            let refusal = APIError(.malformedRequest, "what came is not HTTP, or its head is too large")
            metrics.refused(refusal.code)
            (head, body) = refusal.bareResponse(requestID: RequestIDMiddleware.random())
        }
        if machine.beginAnswer(isFinal: isBare) { head.headerFields[.connection] = "close" }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        if let body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
    }

    private func end(_ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard machine.endAnswer() else {
            context.write(data, promise: promise)
            return timeBody(context)
        }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenSuccess { self.linger(context) }
        written.futureResult.assumeIsolated().whenFailure { _ in context.close(promise: nil) }
        context.writeAndFlush(data, promise: written)
    }

    /// Waits a little for the client to take the last answer: a connection that is closed with unread bytes is reset,
    /// and a reset destroys what is still under way.
    private func linger(_ context: ChannelHandlerContext) {
        isFlushed = true
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.lingerTime)) {
            context.close(promise: nil)
        }
        context.close(mode: .output, promise: nil)
        if machine.mayDrain { context.read() }
        closeIfDone(context)
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        if isFlushed, isRequestOver { context.close(promise: nil) }
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
