// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// Where cron reads what it is to run.
enum CronFiles {
    /// Files with users in them, one of which is made and changed by operations.
    static let directory = "/etc/cron.d"
    private static let systemTable = "/etc/crontab"
    /// Debian's, and that of Red Hat and SUSE.
    private static let spools = ["/var/spool/cron/crontabs", "/var/spool/cron", "/var/spool/cron/tabs"]

    /// Refuses a host on which no cron reads `/etc/cron.d`.
    static func need(in context: OperationContext) throws(OperationError) {
        let generator = "/lib/systemd/system-generators/systemd-crontab-generator"
        let hasCron = context.hasTool("cron") || context.hasTool("crond") || context.hasTool(generator)
        guard hasCron, try FileState(at: directory, following: true)?.kind == .directory else {
            throw .notApplicable("this host has no cron that reads \(directory)")
        }
    }

    /// A table, and whose it is; nil for one with users in it.
    struct Source: Sendable {
        let path: String
        var owner: String?
    }

    /// The tables that cron reads, and those that it passes over with the reason.
    static func sources() throws(OperationError) -> (read: [Source], ignored: [String]) {
        var read: [Source] = []
        var ignored: [String] = []
        if try FileState(at: systemTable) != nil { read.append(Source(path: systemTable)) }
        for name in names(in: directory) where name != ".placeholder" {
            let path = "\(directory)/\(name)"
            if let reason = try reasonToIgnore(path, name) {
                ignored.append("\(path): \(reason)")
            } else {
                read.append(Source(path: path))
            }
        }
        for spool in spools {
            for name in names(in: spool) {
                let path = "\(spool)/\(name)"
                guard try FileState(at: path)?.kind == .file else { continue }
                read.append(Source(path: path, owner: name))
            }
        }
        return (read, ignored)
    }

    private static func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }

    /// Why cron passes over a file (cron(8)); nil where it reads it.
    private static func reasonToIgnore(_ path: String, _ name: String) throws(OperationError) -> String? {
        guard name.utf8.allSatisfy({ isNameByte($0) }) else { return "its name has a sign that cron does not take" }
        guard let state = try FileState(at: path, following: true), state.kind == .file else { return "is no file" }
        if state.uid != 0 { return "does not belong to root" }
        return state.mode & 0o022 == 0 ? nil : "others may write to it"
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
            || byte == 0x2d
    }
}
