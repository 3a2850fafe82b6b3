// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Connects to a port of 127.0.0.1, with TLS or without, says something, and leaves.
struct Intruder {
    let port: Int
    /// Nil for plain TCP.
    let context: NIOSSLContext?

    init(port: Int) {
        self.port = port
        context = nil
    }

    /// Connects in TLS, with the certificate of an agent if there is a name.
    init(port: Int, of deployment: Deployment, as name: String? = nil) throws {
        self.port = port
        let base = deployment.directory.path
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file("\(base)/ca/ca.pem")
        if let name {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile("\(base)/tls/\(name).pem")
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: "\(base)/tls/\(name)-key.pem", format: .pem)
            )
        }
        configuration.certificateVerification = .noHostnameVerification
        context = try NIOSSLContext(configuration: configuration)
    }

    /// Says something, and leaves after a moment, however it is taken.
    func say(_ bytes: [UInt8], stay: Duration = .milliseconds(5)) async throws {
        _ = try await ask(bytes, stay: stay)
    }

    /// Says something, and listens until the other side hangs up or the time is over.
    ///
    /// - Returns: what was heard, and whether the other side hung up.
    func ask(_ bytes: [UInt8], stay: Duration) async throws -> (heard: [UInt8], isClosed: Bool) {
        let context = context
        let ear = Ear()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(EarHandler(ear: ear))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        // The controller may well hang up in the middle of it.
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        let end = ContinuousClock.now + stay
        while !ear.isClosed, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
        defer { channel.close(promise: nil) }
        return (ear.heard, ear.isClosed)
    }
}

/// What one connection brought.
private final class Ear: Sendable {
    private let state = Mutex((heard: [UInt8](), isClosed: false))

    var heard: [UInt8] { state.withLock { $0.heard } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func hear(_ bytes: some Sequence<UInt8>) { state.withLock { $0.heard += bytes } }
    func close() { state.withLock { $0.isClosed = true } }
}

private final class EarHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ear: Ear

    init(ear: Ear) {
        self.ear = ear
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        ear.hear(unwrapInboundIn(data).readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) { ear.close() }

    // The other side may hang up in any way.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The ports that a process listens on, as the kernel tells.
enum ListeningPorts {
    static func of(pid: pid_t) throws -> Set<Int> {
        let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
        }
        let inodes = Set(
            links.filter { $0.hasPrefix("socket:[") }.map { String($0.dropFirst(8).dropLast()) }
        )
        let ports = try table().split(separator: "\n").dropFirst().compactMap { line -> Int? in
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 9, fields[3] == "0A", inodes.contains(fields[9]) else { return nil }
            return fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
        return Set(ports)
    }

    /// The kernel's table of TCP; it has no size, and `String(contentsOfFile:)` takes the first page of it for all.
    private static func table() throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp"))
        defer { try? file.close() }
        var bytes = Data()
        while let more = try file.read(upToCount: 65_536), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }
}
