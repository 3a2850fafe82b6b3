// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore

/// Hummingbird with one route that always answers the same bytes.
enum BareHTTP {
    /// Serves `bytes` on loopback while `body` runs, which is told the port.
    static func with<Value: Sendable>(
        answering bytes: ByteBuffer,
        _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        let router = Router()
        router.get("/bytes") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: bytes))
        }
        let (ports, told) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        var logger = Logger(label: "bare-http", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in told.yield(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(port) }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
