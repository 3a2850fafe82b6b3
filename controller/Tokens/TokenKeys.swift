// SPDX-License-Identifier: Apache-2.0

import Foundation
import JWTKit
import Jobs

/// The public keys of an identity provider, of its JSON Web Key Set (RFC 7517).
///
/// Each key is bound to one algorithm when it is read, so that no token has a say in how its signature is checked: RSA of
/// 2048 bits or more to RS256, P-256 to ES256, Ed25519 to EdDSA. Keys of other kinds, and those that are not for signatures, are
/// left out; symmetric ones among them.
package struct TokenKeys: Sendable {
    /// The largest set, in bytes.
    package static let maximumBytes = 1 << 20
    /// The most keys of a set.
    private static let maximumKeys = 100

    private struct Key: Sendable {
        let id: String?
        let algorithm: any JWTAlgorithm
    }

    private let keys: [Key]

    /// Reads a set.
    ///
    /// - Parameter json: the text of the set.
    /// - Throws: ``TokenError`` for what is none, or has no key that can be used.
    package init(json: [UInt8]) async throws {
        guard json.count <= Self.maximumBytes else { throw TokenError("the key set is too large") }
        let set: JSONValue
        do { set = try JSONText.parse(json) } catch { throw TokenError("the key set is not JSON: \(error.message)") }
        guard let entries = set["keys"]?.array, entries.count <= Self.maximumKeys else {
            throw TokenError("the key set has no list 'keys' of at most \(Self.maximumKeys) keys")
        }
        var keys: [Key] = []
        for entry in entries {
            guard let key = Self.bound(entry) else { continue }
            keys.append(Key(id: entry["kid"]?.string, algorithm: try await Self.algorithm(of: key)))
        }
        guard !keys.isEmpty else { throw TokenError("the key set has no key for RS256, ES256 or EdDSA") }
        self.keys = keys
    }

    /// The one key that a token may be signed with; nil where there is none, or more than one comes into question.
    func algorithm(named name: String, keyID: String?) -> (any JWTAlgorithm)? {
        let fitting = keys.filter { $0.algorithm.name == name && (keyID == nil || $0.id == keyID) }
        return fitting.count == 1 ? fitting[0].algorithm : nil
    }

    /// The public part of a key with its one algorithm; nil for a key that is not for our use.
    private static func bound(_ entry: JSONValue) -> JSONValue? {
        func has(_ name: String, bytes: ClosedRange<Int>) -> Bool {
            entry[name]?.string.flatMap { Base64URL.bytes($0) }.map { bytes.contains($0.count) } ?? false
        }
        guard entry["use"] == nil || entry["use"] == "sig" else { return nil }
        let name: String
        let members: [String]
        switch (entry["kty"]?.string, entry["crv"]?.string) {
        case ("RSA", nil) where has("n", bytes: 256...1024) && has("e", bytes: 1...8):
            (name, members) = ("RS256", ["n", "e"])
        case ("EC", "P-256") where has("x", bytes: 32...32) && has("y", bytes: 32...32):
            (name, members) = ("ES256", ["crv", "x", "y"])
        case ("OKP", "Ed25519") where has("x", bytes: 32...32):
            (name, members) = ("EdDSA", ["crv", "x"])
        default: return nil
        }
        guard entry["alg"] == nil || entry["alg"]?.string == name else { return nil }
        var key: [String: JSONValue] = ["kty": entry["kty"] ?? .null, "alg": .string(name), "kid": "key"]
        for member in members { key[member] = entry[member] }
        return .object(key)
    }

    private static func algorithm(of key: JSONValue) async throws -> any JWTAlgorithm {
        do {
            let jwk = try JSONDecoder().decode(JWK.self, from: Data(try JSON.encode(key)))
            return try await JWTKeyCollection().add(jwk: jwk).getKey(for: "key")
        } catch {
            throw TokenError("the key set has a key that cannot be used: \(error)")
        }
    }
}
