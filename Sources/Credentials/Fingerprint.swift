// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The SHA-256 of certificates, keys and secrets, as text.
package enum Fingerprint {
    /// 64 lower-case hexadecimal digits.
    package static func of(_ bytes: some Sequence<UInt8>) -> String {
        hexadecimal(SHA256.hash(data: Array(bytes)))
    }

    /// Two lower-case hexadecimal digits a byte.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
