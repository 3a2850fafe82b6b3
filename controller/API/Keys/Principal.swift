// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

/// Whom a request comes from, as its credentials show: the name, and what it may do.
struct Principal: Hashable, Sendable {
    /// Shown in records.
    let name: String
    /// The id of the key.
    let keyID: String
    let scopes: Set<Scope>
    let limit: AccessLimit
    /// When the key was made; nil for what is no key.
    let since: Timestamp?
    /// From when on the credentials are refused.
    let expiresAt: Timestamp?
}
