// SPDX-License-Identifier: Apache-2.0

import JWTKit
package import Jobs
import Synchronization

/// Checks JSON Web Tokens of an identity provider: signature, issuer, audience, times.
package final class TokenVerifier: Sendable {
    private let rules: TokenRules
    private let keys: Mutex<TokenKeys?>

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - rules: what claims have to say.
    ///   - keys: the keys of the provider; nil as long as they are not known, and every token is refused.
    package init(rules: TokenRules, keys: TokenKeys? = nil) {
        self.rules = rules
        self.keys = Mutex(keys)
    }

    /// Takes other keys in the place of those that there are.
    package func replaceKeys(_ keys: TokenKeys) {
        self.keys.withLock { $0 = keys }
    }

    /// Whether a secret has the form of a token.
    package static func isToken(_ secret: String) -> Bool {
        secret.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// Whom a token stands for.
    ///
    /// - Parameters:
    ///   - token: the compact form.
    ///   - now: the controller's time.
    /// - Returns: the subject, its scopes, and until when.
    /// - Throws: ``TokenError`` where it is not accepted.
    package func identity(of token: String, now: Timestamp) throws(TokenError) -> TokenIdentity {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = object(parts[0]), let claims = object(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else { throw TokenError("this is no token") }
        guard header["crit"] == nil else { throw TokenError("the token asks for what is not known here") }
        guard let keys = keys.withLock({ $0 }) else { throw TokenError("the keys for tokens are not known yet") }
        guard let name = header["alg"]?.string,
            let algorithm = keys.algorithm(named: name, keyID: header["kid"]?.string)
        else { throw TokenError("the token is signed with no key that is known") }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard (try? algorithm.verify(signature, signs: signed)) == true else {
            throw TokenError("the signature of the token is wrong")
        }
        return try rules.identity(claims, now: now)
    }

    private func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.bytes(part), let value = try? JSONText.parse(bytes), value.object != nil else {
            return nil
        }
        return value
    }
}
