// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOSSL
import Synchronization

/// Makes a TLS context from files and makes it anew when they change, so that renewals need no restart.
///
/// While new files cannot be used (a certificate is there and its key is not yet), the last good context goes on, and the
/// log says so once.
package final class TLSContextCache: Sendable {
    /// Which end of a connection the contexts are for.
    package enum Role: Sendable {
        /// The end that is dialled.
        case server
        /// The end that dials.
        case client
    }

    private struct State {
        var version: TLSFiles.Version?
        var context: NIOSSLContext?
    }

    private let files: TLSFiles
    private let role: Role
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a cache that has read nothing yet.
    ///
    /// - Parameters:
    ///   - files: the PEM files.
    ///   - role: which end the contexts are for.
    ///   - logger: says when the files were read again, or cannot be used.
    package init(files: TLSFiles, role: Role, logger: Logger) {
        self.files = files
        self.role = role
        self.logger = logger
    }

    /// The context of the files as they are now; three `stat` calls when nothing has changed.
    ///
    /// - Throws: `TunnelError` with code `credentials` if there has never been a usable set of files.
    package func context() throws(TunnelError) -> NIOSSLContext {
        let version = files.version()
        let result: Result<NIOSSLContext, TunnelError> = state.withLock { state in
            if let context = state.context, state.version == version { return .success(context) }
            do {
                let context = try NIOSSLContext(configuration: files.configuration(for: role))
                if state.context != nil { logger.info("certificates were read again") }
                state.context = context
                state.version = version
                return .success(context)
            } catch {
                guard let context = state.context else {
                    return .failure(
                        TunnelError(.credentials, "the certificate files cannot be used: \(files)", cause: error)
                    )
                }
                // Remembered, so that the log says it once for each version of the files.
                state.version = version
                logger.warning(
                    "changed certificate files cannot be used; going on with the old ones",
                    metadata: ["error": "\(TLSFailure.describe(error))"]
                )
                return .success(context)
            }
        }
        return try result.get()
    }
}
