// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What the edge says to a client that it does not let through, in the place of nng's first eight bytes.
///
/// TLS has an alert for it, `certificate_revoked`, which BoringSSL sends only from its own check of the certificate, and
/// that knows of no revocation. The notice is no greeting of nng's: any nng client closes the connection on it.
struct RefusalNotice: Equatable {
    /// Why: the raw value of an ``EdgeRefusal``, or a word of a newer controller.
    let code: String

    /// A notice of a reason that this build knows.
    init(_ refusal: EdgeRefusal) {
        code = refusal.rawValue
    }

    /// Reads a notice; nil where the bytes are none, as nng's own are.
    init?(_ bytes: ByteBuffer) {
        guard bytes.readableBytes <= Self.maximumBytes else { return nil }
        let text = String(buffer: bytes)
        guard text.hasPrefix(Self.prefix), text.hasSuffix("\n") else { return nil }
        let code = text.dropFirst(Self.prefix.count).dropLast()
        guard !code.isEmpty, code.utf8.allSatisfy(Self.isOfCode) else { return nil }
        self.code = String(code)
    }

    /// The line as it is sent.
    var text: String { "\(Self.prefix)\(code)\n" }

    /// Why, in words.
    var reason: String { EdgeRefusal(rawValue: code)?.reason ?? code }

    private static let prefix = "broker refuses: "
    private static let maximumBytes = 80

    private static func isOfCode(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
