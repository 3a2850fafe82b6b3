// SPDX-License-Identifier: Apache-2.0

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

/// Bytes as hexadecimal digits and back.
public enum Hexadecimal {
    /// The digits of some bytes, in lower case.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
            for (place, byte) in bytes.enumerated() {
                buffer[2 * place] = digit(byte >> 4)
                buffer[2 * place + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// The bytes that digits stand for; nil where they are none.
    public static func bytes(_ text: String) -> [UInt8]? {
        let values = text.utf8.map(value)
        guard values.count % 2 == 0, values.allSatisfy({ $0 != nil }) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0] ?? 0) << 4 | (values[$0 + 1] ?? 0) }
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
