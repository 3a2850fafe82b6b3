// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// What an answer says of a quota, after draft-ietf-httpapi-ratelimit-headers.
enum RateLimitHeaders {
    /// The headers of an answer to a request of a key.
    static func fields(_ quota: Quota, remaining: Int, reset: Duration) -> HTTPFields {
        [
            .rateLimitPolicy: "\"key\";q=\(quota.limit);w=\(quota.window.wholeSeconds)",
            .rateLimit: "\"key\";r=\(remaining);t=\(reset.wholeSeconds)",
        ]
    }
}

extension Duration {
    /// The duration in whole seconds, rounded up, at least 1 unless it is zero.
    var wholeSeconds: Int64 {
        let (seconds, rest) = components
        return seconds + (rest > 0 ? 1 : 0)
    }
}

extension HTTPField.Name {
    /// `RateLimit-Policy`.
    static let rateLimitPolicy = known("RateLimit-Policy")
    /// `RateLimit`.
    static let rateLimit = known("RateLimit")
}
