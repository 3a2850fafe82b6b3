// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LocalFiles
import Signing

/// A file of job keys could not be used.
package struct LinkTrustError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with which file.
    package let description: String
}

/// The set of job keys that an agent was given.
struct KeysFile {
    let keys: JobKeySet
    let text: String

    /// Reads the set; nobody but root and the agent's user may be able to change it.
    ///
    /// - Throws: ``LinkTrustError``.
    static func read(_ path: String) throws(LinkTrustError) -> KeysFile {
        let text: String
        do {
            text = try LocalFile.read(path, limit: JobKeySet.maximumBytes)
        } catch {
            throw LinkTrustError(
                description: "\(path): the controller's job keys cannot be used: \(error); `broker-controller job-keys "
                    + "export` writes them, and without them nothing that is delivered can be believed"
            )
        }
        do {
            return KeysFile(keys: try JobKeySet(parsing: text), text: text)
        } catch {
            throw LinkTrustError(description: "\(path): \(error.message)")
        }
    }
}

/// The file in an agent's state directory with the set of job keys that it has learned.
///
/// It belongs to the set that the agent was given: where that is another one now, what was learned does not count any more.
struct LearnedKeys {
    private let path: String
    private let given: KeysFile

    init(path: String, given: KeysFile) {
        self.path = path
        self.given = given
    }

    /// What was learned; nil where there is nothing, or nothing that is newer than what was given.
    func read() -> JobKeySet? {
        guard let text = try? LocalFile.read(path, limit: 3 * JobKeySet.maximumBytes), text.hasPrefix(heading),
            let keys = try? JobKeySet(parsing: String(text.dropFirst(heading.count))), keys.version > given.keys.version
        else { return nil }
        return keys
    }

    /// Writes down what was learned.
    ///
    /// - Returns: whether it could be written.
    func write(_ keys: JobKeySet) -> Bool {
        do {
            try Data((heading + keys.text).utf8).write(to: URL(filePath: path), options: .atomic)
            // Whatever the umask is, since a file that others can write would not be read again.
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            return true
        } catch {
            return false
        }
    }

    /// What was given, each line of it as a comment.
    private var heading: String {
        let lines = given.text.split(separator: "\n").map { "#   \($0)\n" }
        return "# Learned from the controller; counts for as long as the agent is given these keys:\n\(lines.joined())"
    }
}
