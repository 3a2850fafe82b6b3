// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A file with a new content: written beside the old one and put in its place by a rename, so that nobody ever sees half
/// of it and a crash leaves the one or the other.
///
/// A new file gets `mode`, or 0644, or 0600 where what it holds is secret; one that is replaced keeps mode and owner where
/// nothing else is said. A link at the path is refused, and the directory is found once: who may write to it, or to those
/// above it, could else lead the agent elsewhere.
package struct FileReplacement: Sendable {
    /// The file.
    package let path: String
    /// What it is to hold.
    let content: FileContent
    /// Its permission bits; nil for those that it has.
    package var mode: UInt32?
    /// Its owner; nil for the one that it has.
    package var uid: UInt32?
    /// Its group; nil for the one that it has.
    package var gid: UInt32?
    /// A program that says by its exit code whether the content is good, asked before the file is replaced, and its
    /// arguments: `%s` in them stands for the path of the file with the new content.
    package var validate: [String]?
    /// Whether its content is not for everybody, and so never part of a diff.
    package var isSecret = false
    /// Whether a file whose content is replaced stays beside, as ``backupPath(of:at:)`` names it.
    package var keepsOld = false
    /// Whether nothing was there when it was planned: it then takes over nothing of a file that somebody has put there since.
    var isNew = false
    /// Where it is; why there is no such place is told by what needs it.
    private let place: Result<FilePlace, OperationError>

    /// What was sealed on its way is not left for everybody at its end.
    private var modeOfNew: UInt32 { isSecret ? 0o600 : 0o644 }

    /// Makes one of its parts.
    package init(_ path: String, _ content: [UInt8], mode: UInt32? = nil) {
        self.init(path, Result { () throws(OperationError) in try FilePlace(path) }, .bytes(content), mode)
    }

    /// Makes one whose directory was found already.
    init(at place: FilePlace, _ content: FileContent) {
        self.init(place.path, .success(place), content, nil)
    }

    private init(_ path: String, _ place: Result<FilePlace, OperationError>, _ content: FileContent, _ mode: UInt32?) {
        self.path = path
        self.place = place
        self.content = content
        self.mode = mode
    }

    /// Makes one of a text.
    package init(_ path: String, text: String, mode: UInt32? = nil) {
        self.init(path, Array(text.utf8), mode: mode)
    }

    /// What of the file will be different.
    ///
    /// - Returns: the change; nil if the file is already so.
    /// - Throws: ``OperationError`` where a link or something that is no file is in the way.
    package func change() throws(OperationError) -> Plan.Change? {
        guard case .bytes(let bytes) = content else {
            preconditionFailure("an object is compared piece by piece, by those who have it")
        }
        let file = try place.get().file()
        return try change(from: file, isSame: file?.holds(bytes) ?? false)
    }

    /// What of the file will be different from what is there.
    ///
    /// - Parameters:
    ///   - file: what is there; nil for nothing.
    ///   - isSame: whether it has the content already.
    /// - Returns: the change; nil if the file is already so.
    /// - Throws: ``OperationError`` where it cannot be read.
    func change(from file: OpenFile?, isSame: Bool) throws(OperationError) -> Plan.Change? {
        let state = file?.state
        let before = state.map { summary($0.size, mode: $0.mode, uid: $0.uid, gid: $0.gid) } ?? .null
        let after = summary(
            content.size,
            mode: mode ?? state?.mode ?? modeOfNew,
            uid: uid ?? state?.uid ?? geteuid(),
            gid: gid ?? state?.gid ?? getegid()
        )
        guard before != after || !isSame else { return nil }
        // What not everybody may read is not for the record of the job either.
        let isOpen = (state?.mode ?? 0o004) & 0o004 != 0 && (mode ?? 0o004) & 0o004 != 0
        let diff = isSecret || !isOpen ? nil : isSame ? "" : try content.diff(from: file, at: path)
        return Plan.Change(path, from: before, to: after, diff: diff)
    }

    /// Puts the file in its place.
    ///
    /// - Parameter context: runs the program that checks it.
    /// - Returns: where the old file is kept; nil where it is not.
    /// - Throws: ``OperationError``; then the old file is as it was.
    @discardableResult
    package func write(in context: OperationContext) async throws(OperationError) -> String? {
        do throws(OperationError) {
            let place = try place.get()
            let draft = try FileDraft(besides: place)
            do throws(OperationError) {
                return try await fill(draft, of: place, in: context)
            } catch {
                draft.discard()
                throw error
            }
        } catch {
            var error = error
            error.changed = false
            throw error
        }
    }

    /// Writes the draft, has it checked, and puts it in its place; answers where the old file is kept.
    private func fill(
        _ draft: FileDraft,
        of place: FilePlace,
        in context: OperationContext
    ) async throws(OperationError) -> String? {
        try await content.write(to: draft, in: context)
        let state = isNew ? nil : try place.state()
        try draft.setOwner(uid: uid ?? state?.uid, gid: gid ?? state?.gid)
        try draft.setMode(mode ?? state?.mode ?? modeOfNew)
        if let validate { try await check(validate, draft.path, context) }
        let backup = keepsOld ? try await keepOld(place, in: context) : nil
        do throws(OperationError) {
            try draft.take()
        } catch {
            if let backup { place.directory.discard(backup) }
            throw error
        }
        return backup.map { name in place.directory.path(of: name) }
    }

    /// Where the old file at `path` is kept that was replaced at `time`: `/etc/motd.20261126T071233.123Z~`.
    ///
    /// Directories whose files all count, as `/etc/cron.d` and `/etc/sudoers.d`, pass over names such as this.
    static func backupPath(of path: String, at time: Timestamp) -> String {
        "\(path).\(time.description.filter { $0 != "-" && $0 != ":" })~"
    }

    /// Gives the old file a second name; answers nil where there is none or its content stays.
    private func keepOld(
        _ place: FilePlace,
        in context: OperationContext
    ) async throws(OperationError) -> HostName? {
        guard let old = try place.file(), try await !content.isHeld(by: old, in: context) else { return nil }
        let backup = HostName(Self.backupPath(of: place.name.text, at: context.now()))
        switch place.directory.addName(backup, of: place.name) {
        case 0: return backup
        case EPERM, EOPNOTSUPP, EMLINK: break
        case let code: throw .system("cannot keep the old file as '\(place.directory.path(of: backup))'", code)
        }
        // A file system without second names.
        let copy = try FileDraft(besides: place, as: backup)
        do throws(OperationError) {
            try await old.forEachPiece(in: context) { piece throws(OperationError) in try copy.fill(piece) }
            try copy.setOwner(uid: old.state.uid, gid: old.state.gid)
            try copy.setMode(old.state.mode)
            try copy.take()
        } catch {
            copy.discard()
            throw error
        }
        return backup
    }

    private func check(_ command: [String], _ draft: String, _ context: OperationContext) async throws(OperationError) {
        let arguments = command.map { $0.replacing("%s", with: draft) }
        let result = try await context.tool(arguments, ok: nil)
        guard result.exitCode == 0 else {
            // It may quote the content.
            let said = isSecret ? "what it says is left out" : result.complaint.replacing(draft, with: path)
            throw OperationError(
                "validation_failed",
                "'\(command.joined(separator: " "))' refuses the new '\(path)' with exit code \(result.exitCode): \(said)",
                changed: false
            )
        }
    }

    private func summary(_ bytes: Int64, mode: UInt32, uid: UInt32, gid: UInt32) -> JSONValue {
        [
            "bytes": .int(bytes), "mode": .string(FileState.text(ofMode: mode)), "uid": .int(Int64(uid)),
            "gid": .int(Int64(gid)),
        ]
    }
}
