// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The secret that a request carries: `Authorization: Bearer SECRET` or `X-Api-Key: SECRET`.
enum Credentials {
    /// No secret is longer; what is has not to be hashed.
    static let longest = 8192

    /// Whether a request carries anything that may be meant as a secret.
    static func areShown(in headers: HTTPFields) -> Bool {
        headers[.authorization] != nil || headers[.apiKey] != nil
    }

    /// The secret of a request.
    ///
    /// - Throws: ``APIError`` `unauthorized` where there is none, or two that differ.
    static func secret(in headers: HTTPFields) throws(APIError) -> String {
        let key = headers[.apiKey]
        guard let authorization = headers[.authorization] else {
            guard let key else {
                throw APIError(.unauthorized, "a key is needed: Authorization: Bearer KEY, or X-Api-Key: KEY")
            }
            return try checked(key)
        }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw APIError(.unauthorized, "the Authorization header is not of the form: Bearer KEY")
        }
        let secret = String(parts[1])
        guard key == nil || key == secret else {
            throw APIError(.unauthorized, "Authorization and X-Api-Key carry different keys")
        }
        return try checked(secret)
    }

    private static func checked(_ secret: String) throws(APIError) -> String {
        guard !secret.isEmpty, secret.utf8.count <= longest else {
            throw APIError(.unauthorized, "the key is not known")
        }
        return secret
    }
}

extension HTTPField.Name {
    /// `X-Api-Key`.
    static let apiKey = known("X-Api-Key")
}
