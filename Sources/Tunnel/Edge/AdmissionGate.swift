// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Synchronization

/// Holds the admission's state for all event loops, and wakes the listening channel when a place is free.
final class AdmissionGate: Sendable {
    private struct State {
        var machine: AdmissionStateMachine
        var listener: (any Channel)?
    }

    private let state: Mutex<State>

    init(_ machine: AdmissionStateMachine) {
        state = Mutex(State(machine: machine))
    }

    var open: Int { state.withLock { $0.machine.open } }
    var handshaking: Int { state.withLock { $0.machine.handshaking } }

    func attach(_ listener: any Channel) {
        state.withLock { $0.listener = listener }
        acceptNext()
    }

    func detach() {
        state.withLock { $0.listener = nil }
    }

    func accepted() -> AdmissionStateMachine.Verdict {
        state.withLock { $0.machine.accepted(hasFiles: OpenFiles.areLeft()) }
    }

    func acceptFailed() {
        state.withLock { $0.machine.acceptFailed() }
    }

    func handshakeEnded() {
        state.withLock { $0.machine.handshakeEnded() }
        acceptNext()
    }

    func closed() {
        state.withLock { $0.machine.closed() }
    }

    func acceptNext() {
        let listener = state.withLock { state -> (any Channel)? in
            guard state.listener != nil, state.machine.shouldAccept() else { return nil }
            return state.listener
        }
        listener?.read()
    }
}

/// Sits on the listening channel, in front of what sets up accepted connections.
final class AdmissionHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let gate: AdmissionGate
    private let meter: EdgeMeter
    private let logger: Logger
    private var isWaitingToRetry = false

    init(gate: AdmissionGate, meter: EdgeMeter, logger: Logger) {
        self.gate = gate
        self.meter = meter
        self.logger = logger
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        gate.attach(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        gate.detach()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let accepted = Self.unwrapInboundIn(data)
        meter.countAccepted()
        switch gate.accepted() {
        case .admit:
            let gate = gate
            accepted.closeFuture.whenComplete { _ in gate.closed() }
            context.fireChannelRead(data)
        case .refuse:
            meter.countRefused()
            accepted.close(promise: nil)
        }
    }

    /// What fails here is an accept, for want of descriptors or memory: it may work again in a moment.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isWaitingToRetry else { return }
        isWaitingToRetry = true
        logger.warning("a connection could not be accepted", metadata: ["reason": "\(TLSFailure.describe(error))"])
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { [self] in
            isWaitingToRetry = false
            gate.acceptFailed()
            gate.acceptNext()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        gate.acceptNext()
    }
}
