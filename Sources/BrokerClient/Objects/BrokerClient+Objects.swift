// SPDX-License-Identifier: Apache-2.0

internal import Access
internal import AsyncHTTPClient
internal import Crypto
public import Jobs
internal import NIOCore
internal import NIOHTTP1

extension BrokerClient {
    /// How long the bytes of an object may take.
    private static let transferTimeout = TimeAmount.hours(24)

    /// Stores a file as an object.
    ///
    /// The file is read twice: for its hash, which the controller checks, and to be sent. It is not sent where the name stands
    /// for its bytes already. Nothing but a piece of it is in memory.
    ///
    /// - Parameters:
    ///   - name: the name that it is to have.
    ///   - path: the file.
    ///   - mustBeNew: whether there must be no object of this name yet.
    ///   - progress: told how many bytes have been sent, and of how many; not where nothing needs to be sent.
    /// - Returns: the object.
    /// - Throws: ``BrokerClientError``, `CancellationError`. When it was cancelled, the name stands for what it did before.
    public func putObject(
        _ name: String,
        from path: String,
        mustBeNew: Bool = false,
        progress: @escaping @Sendable (Int64, Int64) -> Void = { _, _ in }
    ) async throws -> ObjectRecord {
        let file = try LocalObject(path: path)
        let sha256 = try file.sha256()
        if !mustBeNew, let present = try await objectIfAny(name), present.sha256 == sha256 { return present }
        var request = HTTPClientRequest(url: base.url(["api", "v1", "objects", name], query: [("sha256", sha256)]))
        request.method = .PUT
        request.headers = headers
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        if mustBeNew { request.headers.add(name: "If-None-Match", value: "*") }
        let size = file.size
        request.body = .stream(LocalPieces(file: file) { progress($0, size) }, length: .known(size))
        do {
            let response = try await http.execute(request, deadline: .now() + Self.transferTimeout)
            let answer = try await response.body.collect(upTo: maximumAnswer)
            try check(response, answer)
            return try JSON.decode(ObjectRecord.self, from: answer.readableBytesView)
        } catch let error as JSON.Failure {
            throw BrokerClientError(code: .badAnswer, message: "the answer of \(base) is no object: \(error)")
        } catch {
            throw Self.translated(error, base: base)
        }
    }

    /// What is known of an object.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func object(_ name: String) async throws -> ObjectRecord {
        try await get(["objects", name])
    }

    /// A part of the objects, by their names.
    ///
    /// - Parameters:
    ///   - prefix: only those whose names begin so.
    ///   - limit: how many at most; nil for the controller's default.
    ///   - cursor: where to go on; nil for the first.
    /// - Returns: the part.
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func objects(
        prefix: String? = nil,
        limit: Int? = nil,
        cursor: String? = nil
    ) async throws -> Page<ObjectRecord> {
        try await get(
            ["objects"],
            query: [("prefix", prefix), ("limit", limit.map { String($0) }), ("cursor", cursor)]
        )
    }

    /// Deletes the name of an object; open jobs keep its bytes until they have ended.
    ///
    /// - Throws: ``BrokerClientError``, `CancellationError`.
    public func deleteObject(_ name: String) async throws {
        try await delete(["objects", name])
    }

    /// Reads the bytes of an object, and checks that they are those that it stands for.
    ///
    /// - Parameters:
    ///   - name: the object.
    ///   - take: is given one piece after the other, with how many bytes there are up to its end and in all.
    /// - Returns: the object. When this throws, what was given is not to be used.
    /// - Throws: ``BrokerClientError``, `CancellationError`, and what `take` throws.
    @discardableResult
    public func readObject(
        _ name: String,
        _ take: ([UInt8], Int64, Int64) throws -> Void
    ) async throws -> ObjectRecord {
        let record = try await object(name)
        var request = HTTPClientRequest(url: base.url(["api", "v1", "objects", name, "content"], query: []))
        request.headers = headers
        request.headers.replaceOrAdd(name: "Accept", value: "application/octet-stream, application/problem+json")
        let response = try await translating {
            try await http.execute(request, deadline: .now() + Self.transferTimeout)
        }
        guard response.status == .ok else {
            try check(response, try await translating { try await response.body.collect(upTo: maximumAnswer) })
            throw BrokerClientError(code: .badAnswer, message: "\(base) answered \(response.status)")
        }
        // Another version between the two calls is an error that is told, and not a mixture.
        var hash = SHA256()
        var place: Int64 = 0
        var stop: (any Error)?
        do {
            for try await piece in response.body {
                let bytes = Array(piece.readableBytesView)
                hash.update(data: bytes)
                place += Int64(bytes.count)
                do { try take(bytes, place, record.size) } catch {
                    stop = error
                    throw error
                }
            }
        } catch {
            throw stop ?? Self.translated(error, base: base)
        }
        guard Hexadecimal.text(hash.finalize()) == record.sha256 else {
            throw BrokerClientError(code: .badAnswer, message: "the bytes of \(name) are not those that it stands for")
        }
        return record
    }

    private func objectIfAny(_ name: String) async throws -> ObjectRecord? {
        do {
            return try await object(name)
        } catch let error as BrokerClientError where [403, 404].contains(error.problem?.status) {
            // A key that may store objects may have no right to read them.
            return nil
        }
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw Self.translated(error, base: base) }
    }
}
