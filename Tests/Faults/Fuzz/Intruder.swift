// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

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
        let context = context
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let context else { return }
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: nil)
                    )
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        // The controller may well hang up in the middle of it.
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        try await Task.sleep(for: stay)
        try? await channel.close()
    }
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
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst()
        let ports = table.compactMap { line -> Int? in
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 9, fields[3] == "0A", inodes.contains(fields[9]) else { return nil }
            return fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
        return Set(ports)
    }
}
