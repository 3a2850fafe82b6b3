// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Logging
import Store

/// `/api/v1/keys`: who may use the API.
///
/// A key makes and revokes no key that has more than it has itself.
struct KeysResource: Sendable {
    let access: AccessControl
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [creation, listing, revocation] }

    /// How long what is searched for may be, in characters: a whole secret has 81.
    private static let texts = 0...100

    private var creation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/keys",
            access: .scope(.keyWrite),
            name: AuditAction.createKey,
            summary: "Makes a key that has no more than the one that asks for it. Its secret is shown only now.",
            body: KeyBody.described,
            answer: .init(
                status: .created,
                schema: .reference("NewKey"),
                summary: "The key, committed, and its secret."
            ),
            errors: [
                .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
                .keyNameTaken, .tooManyKeys,
            ],
            handle: create
        )
    }

    private var listing: Endpoint {
        let prefix = QueryParameter(
            name: "prefix",
            kind: .text(length: Self.texts),
            summary: "Only keys whose id begins so: the beginning of a secret."
        )
        let name = QueryParameter(name: "name", kind: .text(length: Self.texts), summary: "Only keys of this name.")
        return Endpoint(
            method: .get,
            path: "/api/v1/keys",
            access: .scope(.keyWrite),
            name: "listKeys",
            summary: "Keys, newest first, those that were revoked included; never their secrets.",
            query: [prefix, name, .limit(PageSize.standard), .offset],
            answer: .init(status: .ok, schema: .page(of: "Key"), summary: "A part of the listing."),
            errors: [.outOfRange],
            handle: list
        )
    }

    private var revocation: Endpoint {
        Endpoint(
            method: .delete,
            path: "/api/v1/keys/{id}",
            access: .scope(.keyWrite),
            name: AuditAction.revokeKey,
            summary: "Revokes a key that has no more than the one that asks for it.",
            answer: .init(status: .noContent, schema: nil, summary: "It is let in no more."),
            handle: revoke
        )
    }

    // MARK: Calls

    private func create(_ call: Call) async throws -> Response {
        let value = try await body.read(call, fitting: KeyBody.schema)
        let creator = try call.principal
        let secret = KeySecret.random()
        let now = wallClock()
        let record = try KeyBody.record(value, id: secret.id, by: creator, now: now)
        let audit = call.requester.entry(
            AuditAction.createKey,
            at: now,
            subject: "\(record.name) (\(record.id))",
            detail: record.summary
        )
        switch try await access.create(StoredKey(record: record, secretHash: secret.hash), audit: audit) {
        case .created: break
        case .nameTaken: throw APIError(.keyNameTaken, "there is a key called '\(record.name)'; revoke it first")
        case .tooMany:
            throw APIError(.tooManyKeys, "there are \(KeyCreation.maximumKeys) keys; revoke some of them")
        }
        call.context.logger.info("key created", metadata: ["key.id": "\(record.id)", "key.name": "\(record.name)"])
        return try .json(
            NewKey(key: record, secret: secret.text),
            status: .created,
            location: "/api/v1/keys/\(record.id)"
        )
    }

    private func list(_ call: Call) async throws -> Response {
        let prefix = try text("prefix", call) ?? ""
        let name = try text("name", call)
        // Who has a whole secret at hand may search by it.
        let keys = access.keys { key in
            (key.id.hasPrefix(prefix) || prefix.hasPrefix(key.id + "_")) && (name == nil || key.name == name)
        }
        let items = keys.dropFirst(call.query.offset).prefix(call.query.limit)
        return try .json(
            Page(items: Array(items), total: keys.count, limit: call.query.limit, offset: call.query.offset)
        )
    }

    private func text(_ name: String, _ call: Call) throws(APIError) -> String? {
        guard let text = call.query.text(name) else { return nil }
        guard Self.texts.contains(text.unicodeScalars.count) else {
            throw Query.fault(.outOfRange, name, "has at most \(Self.texts.upperBound) characters")
        }
        return text
    }

    private func revoke(_ call: Call) async throws -> Response {
        guard let record = call.parameter("id").flatMap({ access.key($0) }) else { throw noSuchKey(call) }
        try call.principal.checkMayRevoke(record)
        let audit = call.requester.entry(
            AuditAction.revokeKey,
            at: wallClock(),
            subject: "\(record.name) (\(record.id))"
        )
        guard try await access.revoke(record.id, by: call.requester, audit: audit) != nil else { throw noSuchKey(call) }
        call.context.logger.info("key revoked", metadata: ["key.id": "\(record.id)", "key.name": "\(record.name)"])
        return Response(status: .noContent)
    }

    private func noSuchKey(_ call: Call) -> APIError {
        APIError(.notFound, "there is no key '\(call.shown("id"))'")
    }
}

extension KeyRecord {
    /// What the key may do, for the audit log.
    fileprivate var summary: String {
        let limits = [target.map { "target \($0)" }, operations.map { "operations \($0.joined(separator: ","))" }]
        return (["scopes \(scopes.names.joined(separator: ","))"] + limits.compactMap(\.self)).joined(separator: "; ")
    }
}

extension Principal {
    /// Refuses to revoke a key that has more than this one, in any respect; a key may always revoke itself.
    ///
    /// - Throws: ``APIError`` `forbidden`, saying in which.
    fileprivate func checkMayRevoke(_ record: KeyRecord) throws(APIError) {
        guard record.id != keyID else { return }
        let other = try? AccessLimit(target: record.target, operations: record.operations)
        let isLimit = other.map(limit.covers) ?? false
        let isExpiry = expiresAt.map { own in record.expiresAt.map { $0 <= own } ?? false } ?? true
        let more: String
        if !scopes.covers(record.scopes) {
            more = "scopes"
        } else if !isLimit {
            more = "hosts or operations"
        } else if !isExpiry {
            more = "a longer life"
        } else {
            return
        }
        throw APIError(.forbidden, "the key '\(record.name)' has more than the key that asks: \(more)")
    }
}
