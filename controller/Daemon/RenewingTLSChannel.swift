// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Tunnel

/// Puts TLS in front of each HTTP connection, with the certificate that is in the files at that moment.
///
/// So a certificate that was renewed is shown to the next client, and those who are connected notice nothing.
struct RenewingTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    private let base: Base
    private let contexts: TLSContextCache

    /// Makes a channel in front of another one.
    ///
    /// - Throws: `TunnelError` where the files cannot be used.
    init(_ base: Base, contexts: TLSContextCache) throws {
        self.base = base
        self.contexts = contexts
        _ = try contexts.context()
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: contexts.context()))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    @concurrent
    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
