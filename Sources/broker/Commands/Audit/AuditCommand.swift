// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker audit`: who did what.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List, verify and export the audit log.",
        subcommands: [AuditListCommand.self, AuditVerifyCommand.self, AuditExportCommand.self]
    )
}
