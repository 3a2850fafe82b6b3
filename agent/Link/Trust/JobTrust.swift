// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Signing
import Synchronization

/// Whose signature an agent believes: the set of job keys that it was given, or a later one that a trusted key vouches for.
///
/// What was learned is written down (``LearnedKeys``), so that it also counts after a restart.
package final class JobTrust: Sendable {
    /// Something that a trusted key signed.
    private struct Checked: Equatable {
        let signature: JobSignature
        let context: SigningContext
        let content: [UInt8]
    }

    private struct State {
        var keys: JobKeySet
        /// What was checked last, since the same envelope often comes again: to an agent that said it does not hold it, and
        /// to each of many simulated agents that share their trust.
        var checked: Checked?
    }

    private let state: Mutex<State>
    private let memory: LearnedKeys?
    private let logger: Logger?

    /// Trusts a set, and learns later ones for as long as the process lives.
    package init(_ keys: JobKeySet) {
        state = Mutex(State(keys: keys))
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
        state = Mutex(State(keys: memory.read() ?? given.keys))
        self.memory = memory
        self.logger = logger
    }

    /// The version of the set that counts.
    package var version: UInt64 { state.withLock { $0.keys.version } }

    /// Whether a trusted key signed content.
    func isSignature(_ signature: JobSignature, of content: some Collection<UInt8>, as context: SigningContext) -> Bool
    {
        let candidate = Checked(signature: signature, context: context, content: Array(content))
        let (keys, isKnown) = state.withLock { ($0.keys, $0.checked == candidate) }
        if isKnown { return true }
        guard keys.isSignature(signature, of: content, as: context) else { return false }
        state.withLock { state in
            // A set that was learned meanwhile may not have the key.
            if state.keys == keys { state.checked = candidate }
        }
        return true
    }

    /// Whether a key with this id is trusted.
    func knows(_ id: String) -> Bool {
        state.withLock { $0.keys.key(id) != nil }
    }

    /// Takes in what a controller says of its keys; what no trusted key vouches for is passed over.
    ///
    /// - Parameter texts: sets by their versions.
    package func learn(_ texts: [String]) {
        for text in texts.prefix(Self.maximumSets) {
            guard let next = try? JobKeySet(parsing: text) else { continue }
            let isLearned = state.withLock { state in
                guard state.keys.isFollowed(by: next) else { return false }
                state = State(keys: next)
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
