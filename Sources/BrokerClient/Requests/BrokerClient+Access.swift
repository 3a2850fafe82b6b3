// SPDX-License-Identifier: Apache-2.0

public import Access
public import Jobs

// Keys, and the audit log.

extension BrokerClient {
    /// Makes a key that has no more than the key of this client.
    ///
    /// - Parameter request: what the key is to be.
    /// - Returns: the key with its secret, which is not to be had again.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func createKey(_ request: KeyRequest) async throws -> NewKey {
        try await post(["keys"], request)
    }

    /// Keys, newest first, those that were revoked included.
    ///
    /// - Parameters:
    ///   - prefix: only keys whose id begins so; the whole secret of a key finds it too.
    ///   - name: only keys of this name.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - start: where to begin; nil for the first.
    /// - Returns: a part of the listing.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func keys(
        prefix: String? = nil,
        name: String? = nil,
        limit: Int? = nil,
        from start: PageStart? = nil
    ) async throws -> Page<KeyRecord> {
        try await get(["keys"], query: [("prefix", prefix), ("name", name)] + window(limit, start))
    }

    /// Revokes a key; to ask again is no error.
    ///
    /// - Parameter id: the public beginning of its secret.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func revokeKey(_ id: String) async throws {
        try await delete(["keys", id])
    }

    /// A part of the audit log.
    ///
    /// - Parameters:
    ///   - oldestFirst: from which end to read.
    ///   - cursor: the number of the line beyond which to read; nil for the end to begin with.
    ///   - limit: how many at most; nil for the controller's default.
    /// - Returns: the lines, and the cursor of those that follow.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func audit(
        oldestFirst: Bool = false,
        cursor: Int64? = nil,
        limit: Int? = nil
    ) async throws -> AuditPage {
        let order = oldestFirst ? "oldest" : "newest"
        let place = [("order", order), ("cursor", cursor.map { String($0) }), ("limit", limit.map { String($0) })]
        return try await get(["audit"], query: place)
    }

    /// Calls `body` with every line of the audit log, the oldest first.
    ///
    /// Lines that are written meanwhile are read too.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`, and what `body` throws.
    public func eachAuditRecord(_ body: (AuditRecord) throws -> Void) async throws {
        var cursor: Int64? = 0
        while let next = cursor {
            let page = try await audit(oldestFirst: true, cursor: next, limit: 1000)
            for record in page.items { try body(record) }
            cursor = page.next
        }
    }
}
