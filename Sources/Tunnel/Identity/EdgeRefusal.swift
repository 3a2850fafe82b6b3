// SPDX-License-Identifier: Apache-2.0

/// Why a client is not let through though its handshake was good.
package enum EdgeRefusal: String, Sendable, CaseIterable {
    /// Its id or its key was revoked.
    case revoked
    /// Its certificate has ended since the handshake checked it, as that of a resumed session may have.
    case expired

    /// Why, in words.
    package var reason: String {
        switch self {
        case .revoked: "it is revoked"
        case .expired: "its certificate has expired"
        }
    }
}
