// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Objects
import Store

/// `/api/v1/objects`: files that the controller keeps for jobs.
struct ObjectsResource: Sendable {
    let objects: ObjectService
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [creation, listing, record, content, deletion] }

    private static let path = "/api/v1/objects/{name}"

    private var creation: Endpoint {
        Endpoint(
            method: .put,
            path: Self.path,
            access: .scope(.objectWrite),
            name: AuditAction.putObject,
            summary: "Stores the body as an object; 200 where there was one of this name, 201 where there was none.",
            query: [
                QueryParameter(
                    name: "sha256",
                    kind: .text(length: 64...64),
                    summary: "What the body must have as SHA-256, in hexadecimal digits; Content-Digest says the same."
                )
            ],
            body: [:],
            bodyType: "application/octet-stream",
            answer: .init(status: .created, schema: .reference("Object"), summary: "The object, on the disk."),
            otherStatus: .ok,
            errors: [
                .invalidObjectName, .digestMismatch, .bodyTooLarge, .requestTimeout, .objectsFull,
            ],
            handle: put
        )
    }

    private var listing: Endpoint {
        let prefix = QueryParameter(
            name: "prefix",
            kind: .text(length: 0...ObjectName.maximumBytes),
            summary: "Only objects whose names begin so."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/objects",
            access: .scope(.objectRead),
            name: "listObjects",
            summary: "Objects by their names.",
            query: [prefix, .limit(PageSize.standard), .cursor],
            answer: .init(status: .ok, schema: .uncountedPage(of: "Object"), summary: "A part of the listing."),
            errors: [.outOfRange],
            handle: list
        )
    }

    private var record: Endpoint {
        Endpoint(
            method: .get,
            path: Self.path,
            access: .scope(.objectRead),
            name: "getObject",
            summary: "What is known of an object, without its bytes.",
            answer: .init(status: .ok, schema: .reference("Object"), summary: "The object."),
            handle: get
        )
    }

    private var content: Endpoint {
        Endpoint(
            method: .get,
            path: Self.path + "/content",
            access: .scope(.objectRead),
            name: "getObjectContent",
            summary: "The bytes of an object, all or those of one Range.",
            isTagged: true,
            isRanged: true,
            answer: .init(
                status: .ok,
                schema: [:],
                summary: "The bytes; 206 for a part of them.",
                mediaType: "application/octet-stream"
            ),
            handle: read
        )
    }

    private var deletion: Endpoint {
        Endpoint(
            method: .delete,
            path: Self.path,
            access: .scope(.objectWrite),
            name: AuditAction.deleteObject,
            summary: "Deletes a name. Jobs that are open keep the bytes until they have ended.",
            answer: .init(status: .noContent, schema: nil, summary: "The name stands for nothing any more."),
            handle: delete
        )
    }

    // MARK: Calls

    private func put(_ call: Call) async throws -> Response {
        try call.checkMayUseObjects()
        let name = call.parameter("name") ?? ""
        if let fault = ObjectName.fault(in: name) { throw APIError(.invalidObjectName, "the name \(fault)") }
        var naming = ObjectService.Naming(name: name, createdBy: call.requester.name)
        naming.sha256 = try ContentDigest.announced(by: call)
        naming.mustBeNew = call.request.headers[.ifNoneMatch] == "*"
        // Before the body has come in for nothing; what counts is asked again with the commit.
        if naming.mustBeNew, try await objects.store.object(named: name) != nil {
            throw APIError(mapping: ObjectError(.exists, "there is an object '\(name)' already"))
        }
        let draft = try await objects.begin(
            for: call.requester.keyID ?? "",
            expecting: StreamedBody.length(call.request)
        )
        try await StreamedBody.read(call, into: draft)
        let (record, isNew) = try await objects.finish(draft, as: naming) { record in
            call.requester.entry(
                AuditAction.putObject,
                at: wallClock(),
                subject: name,
                detail: "\(record.size) bytes, SHA-256 \(record.sha256)"
            )
        }
        let place = "/api/v1/objects/" + name.split(separator: "/").joined(separator: "%2F")
        return try .json(record, status: isNew ? .created : .ok, location: isNew ? place : nil)
    }

    private func list(_ call: Call) async throws -> Response {
        try call.checkMayUseObjects()
        let prefix = call.query.text("prefix") ?? ""
        guard prefix.unicodeScalars.count <= ObjectName.maximumBytes else {
            throw Query.fault(.outOfRange, "prefix", "has at most \(ObjectName.maximumBytes) characters")
        }
        let cursor = ListingCursor(listing: "objects \(prefix)")
        let after = try call.query.text(QueryParameter.cursor.name).map { (text) throws(APIError) in
            try cursor.key(text)
        }
        let limit = call.query.limit
        let found = try await objects.store.objects(prefix: prefix, after: after, limit: limit + 1)
        let next = found.count > limit ? cursor.text(after: found[limit - 1].name) : nil
        return try .json(
            Page(items: Array(found.prefix(limit)), total: nil, limit: limit, offset: nil, nextCursor: next)
        )
    }

    private func get(_ call: Call) async throws -> Response {
        try .json(try await existing(call))
    }

    private func read(_ call: Call) async throws -> Response {
        let record = try await existing(call)
        return try await ObjectAnswer(record, of: objects).response(to: call.request)
    }

    private func delete(_ call: Call) async throws -> Response {
        try call.checkMayUseObjects()
        let name = call.parameter("name") ?? ""
        let audit = call.requester.entry(AuditAction.deleteObject, at: wallClock(), subject: name)
        guard try await objects.store.removeObject(named: name, audit: audit) else { throw call.noSuchObject }
        return Response(status: .noContent)
    }

    private func existing(_ call: Call) async throws -> ObjectRecord {
        try call.checkMayUseObjects()
        guard let name = call.parameter("name"), let record = try await objects.store.object(named: name) else {
            throw call.noSuchObject
        }
        return record
    }
}

extension Call {
    /// Refuses keys that are limited to some hosts or operations: what they store could be what others' jobs put on others'
    /// hosts, and what they read could be a file of those.
    ///
    /// - Throws: ``APIError`` `forbidden`.
    fileprivate func checkMayUseObjects() throws(APIError) {
        guard requester.limit.isNone else {
            throw APIError(.forbidden, "objects are for all hosts; the key is limited to a part of them")
        }
    }

    fileprivate var noSuchObject: APIError { APIError(.notFound, "there is no object '\(shown("name"))'") }
}
