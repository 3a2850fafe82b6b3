// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Tokens

extension Principal {
    /// Whom a token of the identity provider stands for.
    ///
    /// The name has a colon in it, which names of keys have not: no subject is taken for a key, whatever the provider
    /// calls it.
    ///
    /// - Throws: ``APIError`` `unauthorized` where it is not accepted.
    init(token: String, _ tokens: TokenVerifier, _ now: Timestamp) throws(APIError) {
        let identity: TokenIdentity
        do { identity = try tokens.identity(of: token, now: now) } catch {
            throw APIError(.unauthorized, error.message)
        }
        self.init(
            name: "jwt:\(identity.subject)",
            keyID: "jwt:\(identity.subject)",
            scopes: identity.scopes,
            limit: .none,
            since: nil,
            expiresAt: identity.expiresAt
        )
    }
}
