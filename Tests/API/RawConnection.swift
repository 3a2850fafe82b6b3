// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A plain connection to a server, for what an HTTP client would not do.
struct RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ""

    /// Connects, and closes when `body` is done.
    static func open<Value: Sendable>(
        port: Int,
        _ body: @Sendable (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// What has come when it ends with `end`, or when the server has closed.
    mutating func receive(until end: String) async throws -> String {
        while !received.hasSuffix(end), let part = try await inbound.next(isolation: #isolation) {
            received += String(buffer: part)
        }
        defer { received = "" }
        return received
    }
}
