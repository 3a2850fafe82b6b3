// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A call as the stub got it.
package struct StubRequest: Hashable, Sendable {
    /// The HTTP method.
    package let method: String
    /// The path with its query, as it was sent.
    package let uri: String
    /// The headers, names in lower case.
    package let headers: [String: String]
    /// The body.
    package let body: [UInt8]

    /// The path without its query.
    package var path: String { String(uri.prefix { $0 != "?" }) }
}

/// What the stub is to do with a call.
package enum StubAnswer: Sendable {
    /// Answer with a status and a body.
    case answer(Int, [UInt8], headers: [String: String] = ["Content-Type": "application/json"])
    /// Answer with a status and the beginning of a body without end, and close the connection.
    case cut(Int, [UInt8], headers: [String: String] = ["Content-Type": "application/json"])
    /// Answer with a stream of server-sent events, and go on so.
    case stream([UInt8], StubStreamEnd)
    /// Close the connection without an answer.
    case hangUp
    /// Keep the connection open and never answer.
    case silence
}

/// How a stream goes on after what it has told.
package enum StubStreamEnd: Sendable {
    /// It ends as it should.
    case ends
    /// The connection is cut.
    case isCut
    /// It stays open, and nothing more comes.
    case staysOpen
}

/// A real HTTP server on a free port of the loopback interface that answers as a test tells it.
package final class StubController: Sendable {
    /// Decides what to do with a call.
    package typealias Respond = @Sendable (StubRequest) -> StubAnswer

    private let channel: any Channel
    private let seen = Mutex<[StubRequest]>([])
    /// The port it listens on.
    package let port: Int
    /// Its URL.
    package let url: String

    private init(channel: any Channel, port: Int, url: String) {
        self.channel = channel
        self.port = port
        self.url = url
    }

    /// The calls it has got so far.
    package var requests: [StubRequest] { seen.withLock { $0 } }

    /// Runs a server while `body` runs.
    ///
    /// - Parameters:
    ///   - isEncrypted: whether it speaks TLS with a certificate of ``TestCertificates``.
    ///   - address: the address of the loopback network on which it listens.
    ///   - port: the port; zero for a free one.
    ///   - respond: decides what to do with a call.
    ///   - body: what to do with the server.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and where no server can be set up.
    @discardableResult
    package static func with<Result: Sendable>(
        isEncrypted: Bool = false,
        address: String = "127.0.0.1",
        port: Int = 0,
        respond: @escaping Respond,
        _ body: (StubController) async throws -> Result
    ) async throws -> Result {
        let relay = Relay(respond: respond)
        let context = isEncrypted ? try serverContext() : nil
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(StubHandler(relay: relay))
                }
            }
            .bind(host: address, port: port).get()
        let port = channel.localAddress?.port ?? 0
        let url = "\(isEncrypted ? "https" : "http")://\(address):\(port)"
        let stub = StubController(channel: channel, port: port, url: url)
        relay.note { request in stub.seen.withLock { $0.append(request) } }
        do {
            let result = try await body(stub)
            try await channel.close().get()
            return result
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    private static func serverContext() throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.server.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificates.serverKey.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
        )
    }
}

/// Carries calls from the connections to the test.
private final class Relay: Sendable {
    private let respond: StubController.Respond
    private let listener = Mutex<(@Sendable (StubRequest) -> Void)?>(nil)

    init(respond: @escaping StubController.Respond) {
        self.respond = respond
    }

    func note(_ listener: @escaping @Sendable (StubRequest) -> Void) {
        self.listener.withLock { $0 = listener }
    }

    func answer(_ request: StubRequest) -> StubAnswer {
        listener.withLock { $0 }?(request)
        return respond(request)
    }
}

/// One connection: gathers a call and does what the test wants.
private final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let relay: Relay
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(relay: Relay) {
        self.relay = relay
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            body += Array(part.readableBytesView)
        case .end:
            guard let head else { return }
            let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
            let request = StubRequest(
                method: head.method.rawValue,
                uri: head.uri,
                headers: Dictionary(headers, uniquingKeysWith: { $1 }),
                body: body
            )
            act(relay.answer(request), context)
        }
    }

    private func act(_ answer: StubAnswer, _ context: ChannelHandlerContext) {
        switch answer {
        case .answer(let status, let body, let headers):
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            fields.add(name: "Content-Length", value: "\(body.count)")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .cut(let status, let body, let headers):
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            fields.add(name: "Transfer-Encoding", value: "chunked")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            context.close(promise: nil)
        case .stream(let body, let end):
            let fields: HTTPHeaders = ["Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"]
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: fields))),
                promise: nil
            )
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            switch end {
            case .ends: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .isCut: context.close(promise: nil)
            case .staysOpen: break
            }
        case .hangUp:
            context.close(promise: nil)
        case .silence:
            break
        }
    }
}
