// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// What the claims of a token have to say (RFC 7519), and what is made of them.
package struct TokenRules: Sendable {
    /// How far the clocks of the provider and of the controller may be apart, for tokens that are not valid yet.
    package static let leeway: Duration = .seconds(60)
    /// The longest subject, in bytes.
    private static let longestSubject = 200

    /// What `iss` must be.
    package let issuer: String
    /// What `aud` must be, or have in it.
    package let audience: String
    /// The claim that has the scopes: a text of words between spaces, or a list of them.
    package let scopeClaim: String

    /// Makes rules of their parts.
    package init(issuer: String, audience: String, scopeClaim: String = "scope") {
        self.issuer = issuer
        self.audience = audience
        self.scopeClaim = scopeClaim
    }

    /// Whom a token stands for whose signature is good.
    ///
    /// - Parameters:
    ///   - claims: the payload.
    ///   - now: the controller's time.
    /// - Returns: the subject, its scopes, and until when.
    /// - Throws: ``TokenError`` for a token of another issuer, for another audience, that has expired or is not valid yet, or
    ///   that lacks one of these claims. Scopes that are not known are passed over.
    package func identity(_ claims: JSONValue, now: Timestamp) throws(TokenError) -> TokenIdentity {
        guard claims["iss"]?.string == issuer else { throw TokenError("the token is of another issuer") }
        let audiences = claims["aud"]?.array?.compactMap(\.string) ?? [claims["aud"]?.string].compactMap(\.self)
        guard audiences.contains(audience) else { throw TokenError("the token is for another audience") }
        guard let expiry = time(claims["exp"]) else { throw TokenError("the token has no time at which it expires") }
        guard now < expiry else { throw TokenError("the token has expired") }
        if claims["nbf"] != nil {
            guard let start = time(claims["nbf"]), start < now + Self.leeway else {
                throw TokenError("the token is not valid yet")
            }
        }
        guard let subject = claims["sub"]?.string, (1...Self.longestSubject).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw TokenError("the token has no subject that can be a name") }
        return TokenIdentity(subject: subject, scopes: scopes(claims[scopeClaim]), expiresAt: expiry)
    }

    /// Seconds since 1970, with a fraction if need be.
    private func time(_ claim: JSONValue?) -> Timestamp? {
        // What is beyond the year 9999 is no time but a mistake, and what is before 1970 has expired.
        guard let seconds = claim?.number, (0...253_402_300_799).contains(seconds) else { return nil }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }

    private func scopes(_ claim: JSONValue?) -> Set<Scope> {
        let words = claim?.array?.compactMap(\.string) ?? claim?.string?.split(separator: " ").map(String.init) ?? []
        return Set(words.compactMap(Scope.init(rawValue:)))
    }
}

/// Whom a token stands for.
package struct TokenIdentity: Hashable, Sendable {
    /// The claim `sub`.
    package let subject: String
    /// What it may do.
    package let scopes: Set<Scope>
    /// From when on it is refused.
    package let expiresAt: Timestamp
}
