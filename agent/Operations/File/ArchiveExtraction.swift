// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging

/// Unpacks an archive beside, looks at what came out, and moves it to where it belongs; all or nothing.
struct ArchiveExtraction: Sendable {
    /// The file that says which archive was put into a directory last.
    static let stampName = ".broker-archive"

    let archive: String
    let format: ArchiveFormat
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
        guard mkdir(staging, 0o700) == 0 else {
            throw OperationError(
                SystemError(code: errno, action: "cannot make the directory '\(staging)'"),
                changed: false
            )
        }
        let holder = try HostDirectory(parent)
        let result = try await attempt(in: HostDirectory(HostName(name), in: holder), isNew: isNew, context)
        discard(HostName(name), in: holder, context)
        try result.get()
    }

    private func discard(_ name: HostName, in holder: borrowing HostDirectory, _ context: OperationContext) {
        do throws(OperationError) {
            // Also when the time is over.
            var removal = TreeRemoval(in: nil)
            try removal.remove(name, in: holder)
        } catch {
            context.logger.warning("what was unpacked is left", metadata: ["error": "\(error.message)"])
        }
    }

    /// Unpacks in a directory of its own, and moves what came out.
    ///
    /// Who may write to the directory around it could put another one in its place: so it is never reached by its name.
    private func attempt(
        in directory: borrowing HostDirectory,
        isNew: Bool,
        _ context: OperationContext
    ) async -> Result<Void, OperationError> {
        let staging = directory.openPath
        do throws(OperationError) {
            guard let state = try directory.state(of: HostName(".")), state.uid == geteuid(), state.mode & 0o077 == 0
            else {
                throw OperationError(
                    "changed_meanwhile",
                    "somebody has put something in the place of '\(directory.path)'"
                )
            }
            try await unpack(into: staging, context)
        } catch {
            return .failure(told(error, staging, changed: false))
        }
        var merge = TreeMerge(into: isNew ? staging + "/new" : destination, keepingOldIn: staging + "/old")
        do throws(OperationError) {
            try move(from: staging, by: &merge, context)
            if isNew { try publish(staging + "/new") }
            try checkCreated(isNew: isNew, staging)
            return .success(())
        } catch {
            return .failure(told(error, staging, changed: merge.undo() ? false : nil))
        }
    }

    /// An error with the names that an operator knows.
    private func told(_ error: OperationError, _ staging: String, changed: Bool?) -> OperationError {
        let message = error.message.replacing("\(staging)/raw", with: "'\(archive)': ").replacing(
            staging,
            with: destination
        )
        var told = OperationError(error.code, message, changed: changed)
        told.state = error.state
        return told
    }

    private func unpack(into staging: String, _ context: OperationContext) async throws(OperationError) {
        for name in ["raw", "old", "new"] {
            guard mkdir("\(staging)/\(name)", 0o700) == 0 else {
                throw .system("cannot make a directory in '\(staging)'", errno)
            }
        }
        _ = try await context.tool(format.extraction(archive, into: staging + "/raw"), ok: format.okExitCodes)
        let directory = try HostDirectory(staging)
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

    /// Puts a new directory in its place.
    private func publish(_ directory: String) throws(OperationError) {
        guard let (parent, name) = HostPath.split(directory) else { return }
        let holder = try HostDirectory(parent)
        if let state = try holder.state(of: HostName(name)) {
            let all = FileRights(mode: 0o755, uid: rights.uid, gid: rights.gid)
            try holder.setRights(of: HostName(name), all, present: state)
        }
        guard rename(directory, destination) == 0 else { throw .system("cannot make '\(destination)'", errno) }
    }

    private func checkCreated(isNew: Bool, _ staging: String) throws(OperationError) {
        guard let creates, try FileState(at: creates) == nil else { return }
        let text = "the archive does not make '\(creates)', which 'creates' names"
        // What takes back a move looks for it where it was moved to.
        guard !isNew || rename(destination, staging + "/new") == 0 else {
            throw OperationError("creates_missing", "\(text); '\(destination)' is left")
        }
        throw OperationError("creates_missing", text)
    }
}
