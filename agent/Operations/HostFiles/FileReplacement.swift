// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A file with a new content: written beside the old one and put in its place by a rename, so that nobody ever sees half
/// of it and a crash leaves the one or the other.
///
/// A new file gets `mode`, or 0644, or 0600 where what it holds is secret; one that is replaced keeps mode and owner where nothing else is said. A link at the
/// path is refused: who may write to the directory could else lead the agent elsewhere.
package struct FileReplacement: Sendable {
    /// The file.
    package let path: String
    /// What it is to hold.
    package let content: [UInt8]
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

    /// What was sealed on its way is not left for everybody at its end.
    private var modeOfNew: UInt32 { isSecret ? 0o600 : 0o644 }

    /// Makes one of its parts.
    package init(_ path: String, _ content: [UInt8], mode: UInt32? = nil) {
        self.path = path
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
        let state = try FileState(at: path)
        if let state, state.kind != .file {
            let what = state.kind == .link ? "a link; name the file that it leads to" : "a \(state.kind.rawValue)"
            throw OperationError(state.kind == .link ? "is_a_link" : "not_a_file", "'\(path)' is \(what)")
        }
        let old = try HostFile.bytes(path)
        let before = state.map { summary(old ?? [], mode: $0.mode, uid: $0.uid, gid: $0.gid) } ?? .null
        let after = summary(
            content,
            mode: mode ?? state?.mode ?? modeOfNew,
            uid: uid ?? state?.uid ?? geteuid(),
            gid: gid ?? state?.gid ?? getegid()
        )
        guard before != after || old != content else { return nil }
        // What not everybody may read is not for the record of the job either.
        let isOpen = (state?.mode ?? 0o004) & 0o004 != 0 && (mode ?? 0o004) & 0o004 != 0
        let diff = isSecret || !isOpen ? nil : UnifiedDiff.between(path, old, content)
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
            let draft = try FileDraft(besides: path)
            do throws(OperationError) {
                return try await fill(draft, in: context)
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
    private func fill(_ draft: FileDraft, in context: OperationContext) async throws(OperationError) -> String? {
        try draft.fill(content)
        let state = try FileState(at: path)
        try draft.setOwner(uid: uid ?? state?.uid, gid: gid ?? state?.gid)
        try draft.setMode(mode ?? state?.mode ?? modeOfNew)
        if let validate { try await check(validate, draft.path, context) }
        let backup = keepsOld ? try keepOld(at: context.now()) : nil
        do throws(OperationError) {
            try draft.take(path)
        } catch {
            if let backup { unlink(backup) }
            throw error
        }
        return backup
    }

    /// Where the old file at `path` is kept that was replaced at `time`: `/etc/motd.20261126T071233.123Z~`.
    ///
    /// Directories whose files all count, as `/etc/cron.d` and `/etc/sudoers.d`, pass over names such as this.
    static func backupPath(of path: String, at time: Timestamp) -> String {
        "\(path).\(time.description.filter { $0 != "-" && $0 != ":" })~"
    }

    /// Gives the old file a second name; answers nil where there is none or its content stays.
    private func keepOld(at time: Timestamp) throws(OperationError) -> String? {
        guard let old = try HostFile.bytes(path), old != content, let state = try FileState(at: path) else {
            return nil
        }
        let backup = Self.backupPath(of: path, at: time)
        if link(path, backup) == 0 { return backup }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK else {
            throw .system("cannot keep the old file as '\(backup)'", errno)
        }
        // A file system without second names.
        let copy = try FileDraft(besides: backup)
        do throws(OperationError) {
            try copy.fill(old)
            try copy.setOwner(uid: state.uid, gid: state.gid)
            try copy.setMode(state.mode)
            try copy.take(backup)
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

    private func summary(_ bytes: [UInt8], mode: UInt32, uid: UInt32, gid: UInt32) -> JSONValue {
        [
            "bytes": .int(Int64(bytes.count)), "mode": .string(FileState.text(ofMode: mode)), "uid": .int(Int64(uid)),
            "gid": .int(Int64(gid)),
        ]
    }
}
