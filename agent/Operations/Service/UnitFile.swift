// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs

/// A unit file of the host's own, in `/etc/systemd/system`.
enum UnitFile {
    /// Where it is.
    static func path(_ name: String) -> String { "/etc/systemd/system/\(name)" }

    /// Has systemd's own checker look at a unit, where there is one that can look at one unit alone.
    ///
    /// - Parameters:
    ///   - name: the unit.
    ///   - content: its file.
    ///   - context: runs the checker.
    /// - Throws: ``OperationError`` with what it complains about.
    static func verify(_ name: String, _ content: String, in context: OperationContext) async throws(OperationError) {
        guard context.hasTool("systemd-analyze"), try await version(context) >= 250 else { return }
        // The checker knows a unit by the name of its file.
        let directory = "/tmp/broker-unit-\(UInt64.random(in: .min ... .max))"
        guard mkdir(directory, 0o700) == 0 else { throw .system("cannot make '\(directory)'", errno) }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // A template is checked as one of its instances.
        let path = "\(directory)/\(name.replacing("@.", with: "@check."))"
        let draft = try FileDraft(besides: path)
        try draft.fill(Array(content.utf8))
        try draft.setMode(0o600)
        try draft.take()
        let command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path]
        let result = try await context.tool(command, ok: nil)
        guard result.exitCode != 0 else { return }
        let said = result.errors.split(whereSeparator: \.isNewline).prefix(5).joined(separator: "; ")
        throw OperationError(
            "validation_failed",
            "systemd-analyze verify refuses '\(name)': \(said.replacing(directory + "/", with: "").prefix(600))",
            changed: false
        )
    }

    private static func version(_ context: OperationContext) async throws(OperationError) -> Int {
        let words = try await context.tool(["systemd-analyze", "--version"]).text.split { $0 == " " || $0 == "\n" }
        return words.count > 1 ? Int(words[1].prefix { $0.isNumber }) ?? 0 : 0
    }

    /// Puts back what was at the path of a unit file.
    static func restore(
        _ name: String,
        _ content: [UInt8]?,
        _ state: FileState?,
        _ systemd: Systemd
    ) async -> Bool {
        do {
            if let content, let state {
                var file = FileReplacement(path(name), content, mode: state.mode)
                (file.uid, file.gid) = (state.uid, state.gid)
                try await file.write(in: systemd.context)
            } else {
                unlink(path(name))
            }
            try await systemd.reloadFiles()
            return true
        } catch {
            return false
        }
    }
}
