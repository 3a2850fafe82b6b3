// SPDX-License-Identifier: Apache-2.0

import ControllerReach
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One call of the controller's HTTP API, over TLS and a connection of its own.
///
/// An agent makes a handful of them when it joins, and none afterwards: a client with pools, HTTP/2 and decompression would
/// be a fifth of its program, on every host.
struct HTTPCall: Sendable {
    private let base: BaseURL
    private let trust: ControllerTrust
    private let head: HTTPRequestHead
    private let body: [UInt8]?
    private static let connectTimeout = TimeAmount.seconds(10)
    private static let timeout = Duration.seconds(60)
    private static let maximumAnswer = 1 << 20

    /// Makes a call of `path`, whose parts are percent-encoded; `body` is JSON.
    init(_ method: HTTPMethod, _ path: [String], body: [UInt8]?, of base: BaseURL, trusting trust: ControllerTrust) {
        self.base = base
        self.trust = trust
        self.body = body
        var headers: HTTPHeaders = [
            "Host": base.authority, "Accept": "application/json", "User-Agent": "broker-agent", "Connection": "close",
        ]
        if let body {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(body.count)")
        }
        head = HTTPRequestHead(
            version: .http1_1,
            method: method,
            uri: base.target(path),
            headers: headers
        )
    }

    /// Makes the call.
    ///
    /// - Returns: the body of the answer.
    /// - Throws: `BrokerClientError` where the controller cannot be reached, refuses, or answers too much;
    ///   `CancellationError`. A call that was cancelled may all the same have reached the controller.
    func answer() async throws -> [UInt8] {
        do {
            return try await withThrowingTaskGroup(of: [UInt8].self) { group in
                group.addTask { try await exchange() }
                group.addTask {
                    try await Task.sleep(for: Self.timeout)
                    throw BrokerClientError.timedOut(base, "did not answer")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch {
            try Task.checkCancellation()
            throw BrokerClientError.reaching(base, endedWith: error)
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, ByteBuffer>>

    private func exchange() async throws -> [UInt8] {
        let (connection, handshake) = try await connect()
        return try await connection.executeThenClose { answer, request in
            try await handshake.get()
            try await request.write(.head(head))
            if let body { try await request.write(.body(ByteBuffer(bytes: body))) }
            try await request.write(.end(nil))
            return try await read(answer)
        }
    }

    private func connect() async throws -> (Connection, handshake: EventLoopFuture<Void>) {
        let tls = try NIOSSLContext(configuration: trust.tls())
        let name = isAddress(base.host) ? nil : base.host
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.connectTimeout)
            .connect(host: base.host, port: base.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let handshake = HandshakeHandler(on: channel.eventLoop)
                    try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    try pipeline.addHandler(handshake)
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(PlainRequestHandler())
                    return (try Connection(wrappingChannelSynchronously: channel), handshake.result)
                }
            }
    }

    /// Whether a host is an address: TLS does not name such (RFC 6066, section 3).
    private func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    private func read(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> [UInt8] {
        var head: HTTPResponseHead?
        var bytes: [UInt8] = []
        for try await part in parts {
            switch part {
            case .head(let found): head = found
            case .body(let some):
                guard bytes.count + some.readableBytes <= Self.maximumAnswer else {
                    throw BrokerClientError(code: .badAnswer, message: "the answer of \(base) is too large")
                }
                bytes += some.readableBytesView
            case .end:
                guard let head else { break }
                try BrokerClientError.check(status: head.status, headers: head.headers, bytes, of: base)
                return bytes
            }
        }
        throw BrokerClientError.unreachable(base, "the connection was closed before the answer")
    }
}
