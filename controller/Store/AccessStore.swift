// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// The truth about the keys of the API, and about what was done with them.
///
/// Every method is one transaction, as those of ``JobStore`` are.
package protocol AccessStore: Sendable {
    // MARK: Keys

    /// Every key that there is or was, oldest first.
    ///
    /// - Throws: ``StoreError``.
    func keys() async throws -> [StoredKey]

    /// Commits a new key.
    ///
    /// - Parameters:
    ///   - key: the record and the hash of the secret.
    ///   - audit: the line of the audit log that goes with it.
    /// - Returns: whether it was committed; else why not.
    /// - Throws: ``StoreError``.
    func create(_ key: StoredKey, audit: AuditEntry) async throws -> KeyCreation

    /// Revokes a key; one that is revoked already stays as it is, and there is no line about it.
    ///
    /// - Returns: the record after that; nil if there is no such key.
    /// - Throws: ``StoreError``.
    func revokeKey(_ id: String, by name: String?, audit: AuditEntry) async throws -> KeyRecord?

    /// Takes in when keys were last used.
    ///
    /// - Throws: ``StoreError``.
    func noteUses(_ uses: [String: Timestamp]) async throws

    // MARK: Audit

    /// Appends lines to the audit log, in order.
    ///
    /// - Throws: ``StoreError``.
    func append(_ entries: [AuditEntry]) async throws

    /// A part of the audit log.
    ///
    /// - Parameters:
    ///   - order: from which end to read.
    ///   - cursor: the number of the line beyond which to read; nil for the end that `order` begins with.
    ///   - limit: how many lines at most.
    /// - Returns: the lines, and the cursor of those that follow.
    /// - Throws: ``StoreError``.
    func audit(_ order: AuditOrder, beyond cursor: Int64?, limit: Int) async throws -> AuditPage
}

/// From which end the audit log is read.
package enum AuditOrder: String, Sendable, CaseIterable {
    /// From the newest line to the oldest.
    case newest
    /// From the oldest line to the newest.
    case oldest
}

/// A key as the store keeps it.
package struct StoredKey: Sendable {
    /// Everything that may be shown.
    package var record: KeyRecord
    /// The SHA-256 of its secret.
    package let secretHash: [UInt8]

    /// Makes a key of its parts.
    package init(record: KeyRecord, secretHash: [UInt8]) {
        self.record = record
        self.secretHash = secretHash
    }
}

/// What became of a new key.
package enum KeyCreation: Sendable {
    /// It is on disk; where there were too many, the one that was revoked longest ago was forgotten for it.
    case created(forgotten: String?)
    /// A key that is not revoked has its name.
    case nameTaken
    /// There are as many keys as there may be, and none of them was revoked.
    case tooMany

    /// How many keys are kept at most, those that were revoked included.
    package static let maximumKeys = 10_000
}
