// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import ServiceLifecycle

/// Runs a listening channel for as long as its service runs.
struct Listener: Sendable {
    let channel: any Channel
    let connections: ConnectionSet

    /// Returns when the service is cancelled or told to shut down, with every connection closed.
    ///
    /// - Parameter started: Called once, when everything is ready to be used.
    /// - Throws: `TunnelError` with code `listenerClosed` if the channel closed by itself.
    func serve(started: () -> Void) async throws {
        let stopping = StopFlag()
        try await withTaskCancellationOrGracefulShutdownHandler {
            started()
            try await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: { [channel] in
            stopping.raise()
            channel.close(promise: nil)
        }
        await connections.drain()
        guard stopping.isRaised else {
            throw TunnelError(.listenerClosed, "the listening socket was closed by the system")
        }
    }
}

/// Runs `body` on the event loops given, or on its own that are gone when it returns.
func withEventLoops(
    _ given: (any EventLoopGroup)?,
    threads: Int,
    _ body: (any EventLoopGroup) async throws -> Void
) async throws {
    if let given { return try await body(given) }
    let own = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
    do {
        try await body(own)
    } catch {
        try? await own.shutdownGracefully()
        throw error
    }
    try await own.shutdownGracefully()
}
