// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store

/// All keys, as the store has them, to be found by the hash of their secret.
///
/// A value without I/O: the store is written first, and then this.
struct KeyRing: Sendable {
    private struct Key: Sendable {
        var record: KeyRecord
        let secretHash: [UInt8]
        let limit: AccessLimit
    }

    private var keys: [String: Key] = [:]
    /// The ids of keys by the beginning of their hash.
    private var ids: [UInt64: [String]] = [:]
    /// The keys of which the store does not know the last use.
    private var used: Set<String> = []

    /// Makes a ring of the keys of a store.
    ///
    /// - Throws: ``AccessError`` for a key whose limit cannot be read: it must not become one without.
    init(_ keys: [StoredKey]) throws(AccessError) {
        for key in keys { try add(key) }
    }

    /// Takes a new key in.
    mutating func add(_ key: StoredKey) throws(AccessError) {
        let limit = try AccessLimit(target: key.record.target, operations: key.record.operations)
        keys[key.record.id] = Key(record: key.record, secretHash: key.secretHash, limit: limit)
        ids[Self.beginning(key.secretHash), default: []].append(key.record.id)
    }

    /// Forgets a key.
    mutating func forget(_ id: String) {
        guard let key = keys.removeValue(forKey: id) else { return }
        let beginning = Self.beginning(key.secretHash)
        ids[beginning]?.removeAll { $0 == id }
        if ids[beginning]?.isEmpty == true { ids[beginning] = nil }
        used.remove(id)
    }

    /// Takes in that a key was revoked.
    mutating func revoke(_ record: KeyRecord) {
        keys[record.id]?.record.revokedAt = record.revokedAt
        keys[record.id]?.record.revokedBy = record.revokedBy
    }

    /// The key with a secret, and notes its use.
    ///
    /// It is looked up by the beginning of its hash and then compared as a whole, in a time that does not depend on where
    /// they differ. Who tries secrets knows the beginning of their hashes, but cannot choose secrets with a hash that is near to
    /// one that is stored.
    ///
    /// - Throws: ``APIError`` `unauthorized` if there is none, or it was revoked or has expired.
    mutating func principal(for secret: String, now: Timestamp) throws(APIError) -> Principal {
        let hash = KeySecret.hash(secret)
        let candidates = ids[Self.beginning(hash)] ?? []
        guard let key = candidates.compactMap({ keys[$0] }).first(where: { Self.isSame($0.secretHash, hash) }) else {
            throw APIError(.unauthorized, "the key is not known")
        }
        if key.record.revokedAt != nil { throw APIError(.unauthorized, "the key was revoked") }
        guard key.record.isUsable(at: now) else { throw APIError(.unauthorized, "the key has expired") }
        keys[key.record.id]?.record.lastUsedAt = now
        used.insert(key.record.id)
        return Principal(
            name: key.record.name,
            keyID: key.record.id,
            scopes: key.record.scopes,
            limit: key.limit,
            since: key.record.createdAt,
            expiresAt: key.record.expiresAt
        )
    }

    /// The record of a key.
    func record(_ id: String) -> KeyRecord? { keys[id]?.record }

    /// The records of all keys that `isWanted` wants, newest first.
    func records(where isWanted: (KeyRecord) -> Bool) -> [KeyRecord] {
        keys.values.map(\.record).filter(isWanted).sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
    }

    /// When keys were last used that were used since the last time this was asked.
    mutating func takeUses() -> [String: Timestamp] {
        defer { used = [] }
        return used.reduce(into: [:]) { uses, id in uses[id] = keys[id]?.record.lastUsedAt }
    }

    /// Notes that the store could not take uses in.
    mutating func putBack(_ uses: [String: Timestamp]) {
        used.formUnion(uses.keys)
    }

    private static func beginning(_ hash: [UInt8]) -> UInt64 {
        hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference: UInt8 = left.count == right.count ? 0 : 1
        for (left, right) in zip(left, right) { difference |= left ^ right }
        return difference == 0
    }
}
