// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

@testable import Tunnel

/// One connection of a test: bytes in, bytes out, and how it ended.
final class Wire: Sendable {
    struct State: Sendable {
        var received = ByteBuffer()
        var inputEnded = false
        var closed = false
        var errors: [any Error] = []
    }

    let channel: any Channel
    let state: Watched<State>

    fileprivate init(channel: any Channel, state: Watched<State>) {
        self.channel = channel
        self.state = state
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    /// Waits for this many bytes.
    func receive(_ count: Int) async throws -> ByteBuffer {
        try await state.wait { $0.received.readSlice(length: count) }
    }

    func receiveText(_ count: Int) async throws -> String {
        String(buffer: try await receive(count))
    }

    /// Waits for the other side's last byte.
    func end() async throws {
        try await state.wait { $0.inputEnded || $0.closed ? () : nil }
    }

    /// Waits until the connection is gone.
    func closed() async throws {
        try await state.wait { $0.closed ? () : nil }
    }

    func reads(_ isOn: Bool) async throws {
        try await channel.setOption(ChannelOptions.autoRead, value: isOn).get()
    }

    func endOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    /// Connects to a loopback port, in TLS if there are files.
    static func connect(
        port: Int,
        files: TLSFiles? = nil,
        maximumVersion: TLSVersion? = nil,
        dribble: Bool = false
    ) async throws -> Wire {
        let context = try files.map { files in
            var configuration = try files.configuration(for: .client)
            configuration.maximumTLSVersion = maximumVersion
            return try NIOSSLContext(configuration: configuration)
        }
        return try await connect(port: port, context: context, dribble: dribble)
    }

    static func connect(port: Int, context: NIOSSLContext?, dribble: Bool = false) async throws -> Wire {
        let state = Watched(State())
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if dribble { try channel.pipeline.syncOperations.addHandler(DribbleHandler()) }
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: "localhost")
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(WireHandler(state: state))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Wire(channel: channel, state: state)
    }
}

/// A loopback server of a test, in TLS if it has a context.
final class WireServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let accepted: Watched<[Wire]>

    /// Listens; `onFirstBytes` is called on the event loop with the remote port, before anything else sees the bytes.
    static func start(
        port: Int = 0,
        context: NIOSSLContext? = nil,
        autoRead: Bool = true,
        onFirstBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> WireServer {
        let accepted = Watched<[Wire]>([])
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.autoRead, value: autoRead)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let state = Watched(Wire.State())
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        WireHandler(state: state, onFirstBytes: onFirstBytes)
                    )
                    accepted.update { $0.append(Wire(channel: channel, state: state)) }
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return WireServer(channel: channel, accepted: accepted)
    }

    private init(channel: any Channel, accepted: Watched<[Wire]>) {
        self.channel = channel
        self.accepted = accepted
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    /// The next connection, in the order in which they came.
    func next() async throws -> Wire {
        try await accepted.wait { $0.isEmpty ? nil : $0.removeFirst() }
    }

    var waiting: Int { accepted.read { $0.count } }
}

private final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let state: Watched<Wire.State>
    private let onFirstBytes: @Sendable (Int) -> Void
    private var isFirst = true

    init(state: Watched<Wire.State>, onFirstBytes: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.state = state
        self.onFirstBytes = onFirstBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isFirst, let port = context.channel.remoteAddress?.port { onFirstBytes(port) }
        isFirst = false
        let buffer = Self.unwrapInboundIn(data)
        state.update { $0.received.writeImmutableBuffer(buffer) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { state.update { $0.inputEnded = true } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        state.update { $0.errors.append(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.update { $0.closed = true }
    }
}

/// Sends whatever it is given one byte at a time, each in a packet of its own.
private final class DribbleHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var queue = ByteBuffer()
    private var isRunning = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var buffer = Self.unwrapOutboundIn(data)
        queue.writeBuffer(&buffer)
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) {
        guard !isRunning else { return }
        isRunning = true
        step(context)
    }

    private func step(_ context: ChannelHandlerContext) {
        guard let byte = queue.readSlice(length: 1), context.channel.isActive else { return isRunning = false }
        context.writeAndFlush(Self.wrapOutboundOut(byte), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(300)) { [self] in step(context) }
    }
}
