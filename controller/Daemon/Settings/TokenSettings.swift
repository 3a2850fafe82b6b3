// SPDX-License-Identifier: Apache-2.0

import Outgoing
import Settings
import Tokens

/// Which identity provider's tokens are accepted.
struct TokenSettings: Sendable {
    let source: KeySetSource
    let rules: TokenRules

    /// Reads the settings; nil where no tokens are to be accepted.
    ///
    /// - Throws: `SettingsError` where the issuer or the audience is missing, `TokenError` for a place that keys cannot
    ///   come from.
    init?(_ settings: Settings, _ policy: OutgoingPolicy) throws {
        guard let place = settings.string("tokens.keys") else { return nil }
        source = try KeySetSource(
            place,
            authorities: settings.string("tokens.authority"),
            policy: policy
        )
        rules = TokenRules(
            issuer: try settings.required("tokens.issuer"),
            audience: try settings.required("tokens.audience"),
            scopeClaim: settings.string("tokens.scope_claim") ?? "scope"
        )
    }

    /// A verifier with the keys of the provider.
    ///
    /// A file must be there and good; a URL that does not answer is asked again while the controller runs.
    ///
    /// - Throws: ``Failure`` for a file that cannot be used.
    func verifier() async throws -> TokenVerifier {
        guard source.isFile else { return TokenVerifier(rules: rules) }
        do {
            return TokenVerifier(rules: rules, keys: try await source.keys())
        } catch {
            throw Failure("tokens.keys: \(error)")
        }
    }
}
