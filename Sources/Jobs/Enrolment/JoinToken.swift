// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What a host is given to become an agent: where the API is, by what it is known, and a secret.
///
/// It is one word: `broker-join.` and the base64url of a JSON object with the members `url`, `authority` and `secret`.
/// Whoever has it can make hosts agents, as often as it may be used and until it ends.
public struct JoinToken: Hashable, Sendable {
    /// The address of the API: `https://broker.example.org:8443`.
    public let url: String
    /// The SHA-256 of the authority's certificate (DER), 64 lower-case hexadecimal digits.
    public let authority: String
    /// What the controller knows the token by.
    public let secret: String

    /// Makes a token of its parts.
    public init(url: String, authority: String, secret: String) {
        self.url = url
        self.authority = authority
        self.secret = secret
    }

    /// Reads a token; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, text.hasPrefix(Self.prefix) else { return nil }
        var base64 = String(
            text.dropFirst(Self.prefix.count).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        )
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: base64), let content = try? JSON.decode(Content.self, from: bytes),
            CertificateFingerprint(content.authority)?.digits == content.authority
        else { return nil }
        self.init(url: content.url, authority: content.authority, secret: content.secret)
    }

    /// The token as one word.
    public var text: String {
        let content = Content(url: url, authority: authority, secret: secret)
        // Three texts always encode.
        let bytes = (try? JSON.encode(content)) ?? []
        let word = Data(bytes).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        return Self.prefix + String(word.filter { $0 != "=" })
    }

    private struct Content: Codable {
        let url: String
        let authority: String
        let secret: String
    }

    private static let prefix = "broker-join."
    private static let maximumLength = 4096
}

/// The SHA-256 of a certificate or a key, as people compare it.
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let digits: String

    /// Reads a fingerprint: 64 hexadecimal digits in either case, with colons or without, with `sha256:` before them or
    /// without; nil for anything else.
    public init?(_ text: String) {
        var rest = text.lowercased()[...]
        if rest.hasPrefix("sha256:") { rest = rest.dropFirst(7) }
        let digits = rest.filter { $0 != ":" }
        guard digits.utf8.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        self.digits = digits
    }

    /// The digits with `sha256:` before them.
    public var description: String { "sha256:\(digits)" }
}
