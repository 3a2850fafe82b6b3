// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// What a file is to hold.
enum FileContent: Sendable {
    /// Bytes that are in memory.
    case bytes([UInt8])
    /// The bytes of a stored object, of whatever size.
    case object(StoredContent)

    /// How many bytes there are.
    var size: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .object(let object): object.size
        }
    }

    /// Their SHA-256.
    var sha256: String {
        switch self {
        case .bytes(let bytes): FileDigest.sha256(bytes)
        case .object(let object): object.sha256
        }
    }

    /// Whether a file holds exactly this.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, and when the run's time is over.
    func isHeld(by file: OpenFile, in context: OperationContext) async throws(OperationError) -> Bool {
        switch self {
        case .bytes(let bytes): return try file.holds(bytes)
        case .object(let object):
            guard file.state.size == object.size else { return false }
            return try await file.sha256(in: context) == object.sha256
        }
    }

    /// How it differs from what a file holds.
    ///
    /// - Parameters:
    ///   - file: the file; nil where there is none.
    ///   - path: what it is called.
    /// - Returns: a unified diff, or a line that says why there is none.
    /// - Throws: ``OperationError`` where it cannot be read.
    func diff(from file: OpenFile?, at path: String) throws(OperationError) -> String {
        if case .object(let object) = self, object.file == nil {
            return "Files \(path) differ: the object '\(object.name)' is not on the host yet\n"
        }
        guard max(file?.state.size ?? 0, size) <= HostFile.editableBytes else {
            return "Files \(path) differ, and are too large to be compared line by line\n"
        }
        let old = try file?.bytes(limit: HostFile.editableBytes)
        switch self {
        case .bytes(let bytes): return UnifiedDiff.between(path, old, bytes)
        case .object(let object): return UnifiedDiff.between(path, old, try object.bytes())
        }
    }

    /// Writes it to a draft.
    ///
    /// - Throws: ``OperationError`` where it cannot be written, and when the run's time is over.
    func write(to draft: FileDraft, in context: OperationContext) async throws(OperationError) {
        switch self {
        case .bytes(let bytes): try draft.fill(bytes)
        case .object(let object): try await object.write(to: draft, in: context)
        }
    }
}

/// The bytes of a stored object as the content of a file.
struct StoredContent: Sendable {
    /// How the job names it.
    let name: String
    /// What the job says that its bytes are.
    let sha256: String
    let size: Int64
    /// The bytes; nil in a dry run where they are not on the host.
    let file: OpenFile?
    /// Keeps them on the host.
    private let object: ObjectFile?

    /// Makes one of what the job names, and the file where that is on the host.
    ///
    /// - Throws: ``OperationError`` for a name that no controller has resolved, and where the file cannot be read.
    init(_ reference: ObjectReference, _ object: ObjectFile?) throws(OperationError) {
        (sha256, size) = try reference.resolved()
        name = reference.name
        file = try object?.open(as: reference.name)
        self.object = object
    }

    /// All of it, where it is of a size to be edited.
    ///
    /// - Throws: ``OperationError`` for one that is too large; `no_dry_run` where it is not on the host.
    func bytes() throws(OperationError) -> [UInt8] {
        guard let file else {
            throw .noDryRun("what is in the object '\(name)' is not known: it is not on this host yet")
        }
        return try file.bytes(limit: HostFile.editableBytes)
    }

    fileprivate func write(to draft: FileDraft, in context: OperationContext) async throws(OperationError) {
        guard let file else { throw OperationError("not_found", "the object '\(name)' is not on this host") }
        var hash = SHA256()
        try await file.forEachPiece(in: context) { piece throws(OperationError) in
            hash.update(data: piece)
            try draft.fill(piece)
        }
        guard Hexadecimal.text(hash.finalize()) == sha256 else {
            throw OperationError("object_corrupt", "the object '\(name)' was changed on this host while it was copied")
        }
    }
}
