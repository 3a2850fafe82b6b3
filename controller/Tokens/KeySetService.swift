// SPDX-License-Identifier: Apache-2.0

package import Logging
import ServiceLifecycle

/// Keeps the keys of the identity provider up to date: a provider publishes a new key some time before it uses it.
package struct KeySetService: Service {
    /// How often the set is brought anew.
    package static let interval: Duration = .seconds(300)
    private static let retryInterval: Duration = .seconds(10)

    private let source: KeySetSource
    private let verifier: TokenVerifier
    private let logger: Logger

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - source: where the keys are.
    ///   - verifier: who uses them.
    ///   - logger: for sets that cannot be brought; the keys that there are go on meanwhile.
    package init(source: KeySetSource, verifier: TokenVerifier, logger: Logger) {
        self.source = source
        self.verifier = verifier
        self.logger = logger
    }

    /// Works until shutdown.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isBrought = await bring()
                try await Task.sleep(for: isBrought ? Self.interval : Self.retryInterval)
            }
        }
    }

    /// Brings the keys once.
    ///
    /// - Returns: whether they could be brought.
    package func bring() async -> Bool {
        do {
            verifier.replaceKeys(try await source.keys())
            return true
        } catch {
            logger.error("the keys for tokens could not be brought", metadata: ["error": "\(error)"])
            return false
        }
    }
}
