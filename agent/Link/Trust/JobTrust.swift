// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Signing
import Synchronization

/// Whose signature an agent believes: the set of job keys that it was given, or a later one that a trusted key vouches for.
///
/// What was learned is written down (``LearnedKeys``), so that it also counts after a restart.
package final class JobTrust: Sendable {
    private let keys: Mutex<JobKeySet>
    private let memory: LearnedKeys?
    private let logger: Logger?

    /// Trusts a set, and learns later ones for as long as the process lives.
    package init(_ keys: JobKeySet) {
        self.keys = Mutex(keys)
        memory = nil
        logger = nil
    }

    /// Trusts the set in a file, or what was learned since from the controller.
    ///
    /// - Parameters:
    ///   - file: the set that the agent was given.
    ///   - learned: the file of what was learned.
    ///   - logger: for sets that are learned.
    /// - Throws: ``LinkTrustError`` where the file cannot be read or is no set of keys.
    package init(file: String, learned: String, logger: Logger) throws(LinkTrustError) {
        let given = try KeysFile.read(file)
        let memory = LearnedKeys(path: learned, given: given)
        keys = Mutex(memory.read() ?? given.keys)
        self.memory = memory
        self.logger = logger
    }

    /// The version of the set that counts.
    package var version: UInt64 { keys.withLock(\.version) }

    /// Whether a trusted key signed content.
    func isSignature(_ signature: JobSignature, of content: some Collection<UInt8>, as context: SigningContext) -> Bool
    {
        let keys = keys.withLock { $0 }
        return keys.isSignature(signature, of: content, as: context)
    }

    /// Whether a key with this id is trusted.
    func knows(_ id: String) -> Bool {
        keys.withLock { $0.key(id) != nil }
    }

    /// Takes in what a controller says of its keys; what no trusted key vouches for is passed over.
    ///
    /// - Parameter texts: sets by their versions.
    package func learn(_ texts: [String]) {
        for text in texts.prefix(Self.maximumSets) {
            guard let next = try? JobKeySet(parsing: text) else { continue }
            let isLearned = keys.withLock { keys in
                guard keys.isFollowed(by: next) else { return false }
                keys = next
                return true
            }
            guard isLearned else { continue }
            let metadata: Logger.Metadata = [
                "keys.version": "\(next.version)", "keys": "\(next.keys.map(\.id).joined(separator: " "))",
            ]
            logger?.notice("learned the controller's new job keys", metadata: metadata)
            if memory?.write(next) == false {
                logger?.warning(
                    "what was learned is not written down; it counts until the next start",
                    metadata: metadata
                )
            }
        }
    }

    private static let maximumSets = 64
}
