// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import ServiceLifecycle
import Tunnel

func quietLogger() -> Logger {
    Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// Runs a service beside the body and ends it afterwards, whatever happens.
func running(_ service: some Service, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        do {
            try await body()
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// An edge with a plain server behind it, and certificates for all.
struct TestEdge {
    let certificates: TestCertificates
    let upstream: WireServer
    let directory: PeerDirectory
    let edge: EdgeService
    let port: Int
    var serverFiles: TLSFiles?

    func connect(_ hostname: String = "web-1") async throws -> Wire {
        try await Wire.connect(port: port, files: certificates.agent(hostname))
    }

    /// A client and the connection to the upstream server that belongs to it.
    func connectedPair() async throws -> (client: Wire, upstream: Wire) {
        let client = try await connect()
        return (client, try await upstream.next())
    }
}

func withEdge(
    upstream: WireServer? = nil,
    directory: PeerDirectory = PeerDirectory(),
    configure: (inout EdgeService.Configuration) -> Void = { _ in },
    _ body: (TestEdge) async throws -> Void
) async throws {
    let certificates = try TestCertificates()
    let server = if let upstream { upstream } else { try await WireServer.start() }
    var configuration = EdgeService.Configuration(
        bindPort: 0,
        upstreamPort: server.port,
        files: try certificates.server()
    )
    configuration.bindHost = "127.0.0.1"
    configure(&configuration)
    let edge = EdgeService(configuration: configuration, directory: directory, logger: quietLogger())
    try await running(edge) {
        let port = try await edge.boundPort()
        try await body(
            TestEdge(
                certificates: certificates,
                upstream: server,
                directory: directory,
                edge: edge,
                port: port,
                serverFiles: configuration.files
            )
        )
    }
}

/// Blocks that all differ, so that a lost, doubled or misplaced piece shows.
func patterned(_ count: Int) -> ByteBuffer {
    var random = SystemRandomNumberGenerator()
    let block = (0..<1024).map { _ in random.next() as UInt64 }
    let filler = ByteBuffer(
        bytes: block.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    )
    var buffer = ByteBuffer()
    buffer.reserveCapacity(count + filler.readableBytes + 8)
    while buffer.readableBytes < count {
        buffer.writeInteger(buffer.readableBytes)
        buffer.writeImmutableBuffer(filler)
    }
    buffer.moveWriterIndex(to: count)
    return buffer
}
