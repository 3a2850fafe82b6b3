// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The job keys that agents trust, as a text that people can read: the file `job-keys`.
///
/// ```
/// version 2
/// key 21fe31dfa154a261 11qYAYKxCrfVS/7T…
/// key 39f713d0a644253f PUAXw+hDiVqStwqn…
/// signature 21fe31dfa154a261 7Ki5tR0hQ3Yx…
/// ```
///
/// Versions rise. A set follows another where its version is higher and a key of that other one has signed it: so an agent
/// that was given one set by hand can be told the next ones by anybody. What is signed (``SigningContext/keys``) are the
/// exact bytes before the first line that begins with `signature`. The last key is the one that signs jobs.
package struct JobKeySet: Hashable, Sendable {
    /// Keys in a set at most.
    package static let maximumKeys = 16
    /// Bytes of a set with its signatures at most.
    package static let maximumBytes = 16 * 1024

    /// Rises with each set of a controller.
    package let version: UInt64
    /// In the order of their making.
    package let keys: [JobPublicKey]
    /// By those who vouch for the set.
    package let signatures: [JobSignature]
    private let content: String

    /// Makes a set, and has keys vouch for it.
    ///
    /// - Throws: ``SigningError``.
    package init(version: UInt64, keys: [JobPublicKey], signedBy signers: [JobKey]) throws(SigningError) {
        self.version = version
        self.keys = keys
        content =
            "version \(version)\n"
            + keys.map { "key \($0.id) \(Data($0.bytes).base64EncodedString())\n" }.joined()
        var signatures: [JobSignature] = []
        for signer in signers { signatures.append(try signer.sign(Array(content.utf8), as: .keys)) }
        self.signatures = signatures
    }

    /// The set with its signatures, as it is stored and sent.
    package var text: String {
        content
            + signatures.map { "signature \($0.keyID) \(Data($0.bytes).base64EncodedString())\n" }.joined()
    }

    /// The key with an id; nil where the set has none such.
    package func key(_ id: String) -> JobPublicKey? {
        keys.first { $0.id == id }
    }

    /// Whether a key of the set signed content.
    package func isSignature(
        _ signature: JobSignature,
        of content: some Collection<UInt8>,
        as context: SigningContext
    ) -> Bool {
        key(signature.keyID)?.isSignature(signature, of: content, as: context) ?? false
    }

    /// Whether whoever trusts this set may trust `next` in its place.
    package func isFollowed(by next: JobKeySet) -> Bool {
        next.version > version && next.signatures.contains { isSignature($0, of: Array(next.content.utf8), as: .keys) }
    }
}

// MARK: Reading

extension JobKeySet {
    /// Reads a set; empty lines and lines that begin with `#` say nothing.
    ///
    /// - Throws: ``SigningError`` with the line that is wrong.
    package init(parsing text: String) throws(SigningError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw SigningError(.malformed, "a set of job keys is shorter")
        }
        var version: UInt64?
        var keys: [JobPublicKey] = []
        var signatures: [JobSignature] = []
        var content = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "version"? where words.count == 2 && version == nil && signatures.isEmpty:
                version = UInt64(words[1])
            case "key"? where words.count == 3 && signatures.isEmpty:
                keys.append(try Self.key(words, line: index + 1))
            case "signature"? where words.count == 3:
                signatures.append(try Self.signature(words, line: index + 1))
            case nil: break
            case let word? where word.hasPrefix("#"): break
            default: throw SigningError(.malformed, "line \(index + 1) says nothing of job keys")
            }
            if signatures.isEmpty { content += line + "\n" }
        }
        guard let version else { throw SigningError(.malformed, "a set of job keys has a version") }
        guard (1...Self.maximumKeys).contains(keys.count), Set(keys.map(\.id)).count == keys.count else {
            throw SigningError(.malformed, "a set has 1 to \(Self.maximumKeys) job keys, each once")
        }
        // The last line ends with a line feed, and nothing comes after it.
        if signatures.isEmpty { content.removeLast() }
        self.version = version
        self.keys = keys
        self.signatures = signatures
        self.content = content
    }

    private static func key(_ words: [String], line: Int) throws(SigningError) -> JobPublicKey {
        guard let bytes = Data(base64Encoded: words[2]) else {
            throw SigningError(.malformed, "line \(line): the key is not in base64")
        }
        let key = try JobPublicKey(bytes: Array(bytes))
        guard key.id == words[1] else {
            throw SigningError(.malformed, "line \(line): the key is \(key.id) and not \(words[1])")
        }
        return key
    }

    private static func signature(_ words: [String], line: Int) throws(SigningError) -> JobSignature {
        guard let bytes = Data(base64Encoded: words[2]), bytes.count == JobSignature.byteCount else {
            throw SigningError(.malformed, "line \(line): not a signature of \(JobSignature.byteCount) bytes")
        }
        return JobSignature(keyID: words[1], bytes: Array(bytes))
    }
}
