// SPDX-License-Identifier: Apache-2.0

import Jobs
internal import Crypto

/// A new secret of a key: `brk_` and 12 hexadecimal digits, which are its public id, then `_` and 64 digits that are
/// secret.
///
/// The secret part is 256 random bits, so that a plain SHA-256 of the whole protects it: there is nothing to guess. The
/// beginning is for people: it is shown in lists, and what is found in a file can be looked up by it.
public struct KeySecret: Sendable {
    /// The public beginning.
    public let id: String
    /// The whole secret, to be shown once and never kept.
    public let text: String

    /// Makes one that nobody has.
    public static func random() -> KeySecret {
        let id = "brk_" + Hexadecimal.text(randomBytes(6))
        return KeySecret(id: id, text: "\(id)_\(Hexadecimal.text(randomBytes(32)))")
    }

    /// The hash by which it is kept: SHA-256.
    public var hash: [UInt8] { Self.hash(text) }

    /// The hash of what may be a secret.
    public static func hash(_ text: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(text.utf8)))
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }
}
