// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Jobs

/// One certificate in PEM (RFC 7468).
struct CertificateText {
    /// Its text, from the line that begins it to the line that ends it.
    let text: String
    /// The SHA-256 of its bytes in hexadecimal digits.
    let fingerprint: String

    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// Reads a text; nil unless there is exactly one certificate in it, and nothing that is none.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ").joined(separator: " ") }
        guard let first = lines.firstIndex(of: Self.begin), let last = lines.firstIndex(of: Self.end), first < last,
            lines.count(where: { $0.hasPrefix("-----") }) == 2,
            let bytes = Data(base64Encoded: lines[(first + 1)..<last].joined()), Self.isSequence(Array(bytes))
        else { return nil }
        self.text = lines[first...last].joined(separator: "\n") + "\n"
        fingerprint = Hexadecimal.text(SHA256.hash(data: bytes))
    }

    /// Whether bytes are one whole sequence of ASN.1 in DER (X.690), as every certificate is.
    private static func isSequence(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 4, bytes[0] == 0x30 else { return false }
        if bytes[1] < 0x80 { return bytes.count == Int(bytes[1]) + 2 }
        let size = Int(bytes[1] & 0x7F)
        guard (1...3).contains(size), bytes.count > size + 2 else { return false }
        return bytes[2..<(2 + size)].reduce(0) { $0 << 8 | Int($1) } == bytes.count - 2 - size
    }
}
