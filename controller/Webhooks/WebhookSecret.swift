// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The secret of a webhook, and what is signed with it.
///
/// After Standard Webhooks 1.0 (standardwebhooks.com): `whsec_` and Base64 of 24 to 64 random bytes; the signature is
/// HMAC-SHA256 of `id.timestamp.body`, as `v1,` and Base64.
package struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"

    private let key: SymmetricKey
    /// The form in which it is shown.
    package let text: String

    /// Reads a secret; nil for what is none.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(bytes.count)
        else { return nil }
        key = SymmetricKey(data: bytes)
        self.text = text
    }

    /// Makes a secret that nobody has: 256 bits.
    package static func random() -> String {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return prefix + bytes.base64EncodedString()
    }

    /// The signature of a message.
    ///
    /// - Parameters:
    ///   - id: the id of the message.
    ///   - seconds: the time of the attempt, in seconds since 1970.
    ///   - body: what is sent.
    /// - Returns: `v1,` and the signature.
    package func signature(id: String, seconds: Int64, body: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(seconds).\(body)".utf8), using: key)
        return "v1," + Data(code).base64EncodedString()
    }
}
