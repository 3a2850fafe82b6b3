// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging

/// Unpacks an archive beside, looks at what came out, and moves it to where it belongs; all or nothing.
struct ArchiveExtraction: Sendable {
    /// The file that says which archive was put into a directory last.
    static let stampName = ".broker-archive"

    let archive: ArchiveSource
    let contents: ArchiveSource.Contents
    let sha256: String
    /// The directory; it is there, or the one that it is in.
    let destination: String
    let stripped: Int
    let rights: FileRights
    /// What the file that tells of it holds; nil for none.
    let stamp: [UInt8]?
    /// What must be there afterwards; nil for nothing.
    let creates: String?

    /// Does it.
    ///
    /// - Throws: ``OperationError``; `changed` is nil where not all could be put back.
    func run(in context: OperationContext) async throws(OperationError) {
        let isNew = try FileState(at: destination) == nil
        // Within a directory that is there already, for it may be the top of a file system.
        let inner = HostPath.joined(destination, Self.stampName)
        guard let staging = HostPath.draft(besides: isNew ? destination : inner),
            let (parent, name) = HostPath.split(staging)
        else { throw OperationError("protected_path", "'\(destination)' belongs to the system") }
        let holder = try HostDirectory(parent)
        let directory = try Self.made(HostName(name), in: holder)
        let failure = await attempt(in: directory, of: holder, isNew: isNew, context)
        guard let failure else { return discard([HostName(name)], in: holder, context) }
        // What came with the archive is nothing to keep.
        let kept = isNew ? [] : failure.left.filter { $0.kept != nil }
        tidy(HostName(name), directory, in: holder, keepsOld: !kept.isEmpty, context)
        throw error(failure, kept, store: staging + "/old")
    }

    /// Takes away what was unpacked, but not what was there before and could not be put back.
    func tidy(
        _ name: HostName,
        _ directory: borrowing HostDirectory,
        in holder: borrowing HostDirectory,
        keepsOld: Bool,
        _ context: OperationContext
    ) {
        guard keepsOld else { return discard([name], in: holder, context) }
        discard(["archive", "raw", "new"].map { HostName($0) }, in: directory, context)
    }

    private static func made(
        _ name: HostName,
        in holder: borrowing HostDirectory
    ) throws(OperationError) -> HostDirectory {
        do throws(OperationError) {
            try holder.makeDirectory(name)
            return try HostDirectory(name, in: holder)
        } catch {
            var error = error
            error.changed = false
            throw error
        }
    }

    /// Why it was not done, and what could not be taken back.
    struct Failure: Sendable {
        let error: OperationError
        var left: [TreeMerge.Left] = []
    }

    /// The error of a failure, which says where to find what is not back in its place.
    func error(_ failure: Failure, _ kept: [TreeMerge.Left], store: String) -> OperationError {
        var error = failure.error
        error.changed = failure.left.isEmpty ? false : nil
        guard let first = kept.first else { return error }
        func place(_ left: TreeMerge.Left) -> (path: String, kept: String) {
            (HostPath.joined(destination, left.path), HostPath.joined(store, left.kept ?? ""))
        }
        error.data = [
            "kept": .array(
                kept.prefix(Plan.maximumChanges).map { left in
                    ["path": .string(place(left).path), "kept": .string(place(left).kept)]
                }
            )
        ]
        let more = kept.count > 1 ? " (and \(kept.count - 1) more, which the run's data names)" : ""
        return error.adding(
            "; '\(place(first).path)' could not be put back, and is kept as '\(place(first).kept)'\(more)"
        )
    }

    private func discard(_ names: [HostName], in holder: borrowing HostDirectory, _ context: OperationContext) {
        do throws(OperationError) {
            // Also when the time is over.
            var removal = TreeRemoval(in: nil)
            for name in names { try removal.remove(name, in: holder) }
        } catch {
            context.logger.warning("what was unpacked is left", metadata: ["error": "\(error.message)"])
        }
    }

    /// Unpacks in a directory of its own, and moves what came out; answers nil where all went well.
    ///
    /// Who may write to the directory around it could put another one in its place: so it is never reached by its name.
    private func attempt(
        in directory: borrowing HostDirectory,
        of holder: borrowing HostDirectory,
        isNew: Bool,
        _ context: OperationContext
    ) async -> Failure? {
        let staging = directory.openPath
        do throws(OperationError) {
            guard let state = try directory.state(of: HostName(".")), state.uid == geteuid(), state.mode & 0o077 == 0
            else {
                throw OperationError(
                    "changed_meanwhile",
                    "somebody has put something in the place of '\(directory.path)'"
                )
            }
            try await unpack(in: directory, context)
        } catch {
            return Failure(error: told(error, staging))
        }
        var merge = TreeMerge(into: isNew ? staging + "/new" : destination, keepingOldIn: staging + "/old")
        do throws(OperationError) {
            try move(from: staging, by: &merge, context)
            if isNew { try publish(from: directory, to: holder) }
            try checkCreated(isNew: isNew, directory, holder)
            return nil
        } catch {
            return Failure(error: told(error, staging), left: merge.undo())
        }
    }

    /// An error with the names that an operator knows.
    private func told(_ error: OperationError, _ staging: String) -> OperationError {
        error.replacing("\(staging)/raw", with: "'\(archive.file.path)': ").replacing(staging, with: destination)
    }

    private func unpack(
        in directory: borrowing HostDirectory,
        _ context: OperationContext
    ) async throws(OperationError) {
        let staging = directory.openPath
        for name in ["raw", "old", "new"] {
            guard mkdir("\(staging)/\(name)", 0o700) == 0 else {
                throw .system("cannot make a directory in '\(staging)'", errno)
            }
        }
        try await archive.unpack(contents, sha256: sha256, into: staging + "/raw", in: directory, context)
        _ = try ArchiveTree(HostName("raw"), in: directory, stripping: stripped, context)
        let owner = FileRights(mode: nil, uid: rights.uid, gid: rights.gid)
        var tree = TreeRights(parent: staging, directories: owner, files: owner)
        try tree.survey("raw", isRecursive: true, in: context)
        try tree.apply(in: context)
        guard let stamp else { return }
        let draft = try FileDraft(besides: "\(staging)/\(Self.stampName)")
        do throws(OperationError) {
            try draft.fill(stamp)
            try draft.setOwner(uid: rights.uid, gid: rights.gid)
            try draft.setMode(0o644)
            try draft.take()
        } catch {
            draft.discard()
            throw error
        }
    }

    private func move(
        from staging: String,
        by merge: inout TreeMerge,
        _ context: OperationContext
    ) throws(OperationError) {
        let directory = try HostDirectory(staging)
        try merge.move(HostDirectory(HostName("raw"), in: directory), stripping: stripped, context)
        if stamp != nil { try merge.move(HostName(Self.stampName), in: directory) }
    }

    private static let new = HostName("new")

    /// Puts a new directory in its place.
    private func publish(
        from directory: borrowing HostDirectory,
        to holder: borrowing HostDirectory
    ) throws(OperationError) {
        guard let (_, name) = HostPath.split(destination) else { return }
        if let state = try directory.state(of: Self.new) {
            let all = FileRights(mode: 0o755, uid: rights.uid, gid: rights.gid)
            try directory.setRights(of: Self.new, all, present: state)
        }
        try directory.move(Self.new, to: holder, as: HostName(name))
    }

    private func checkCreated(
        isNew: Bool,
        _ directory: borrowing HostDirectory,
        _ holder: borrowing HostDirectory
    ) throws(OperationError) {
        guard let creates, try FileState(at: creates) == nil else { return }
        let missing = OperationError("creates_missing", "the archive does not make '\(creates)', which 'creates' names")
        guard isNew, let (_, name) = HostPath.split(destination) else { throw missing }
        do throws(OperationError) {
            // What takes back a move looks for it where it was moved to.
            try holder.move(HostName(name), to: directory, as: Self.new)
        } catch {
            throw missing.adding("; '\(destination)' is left")
        }
        throw missing
    }
}
