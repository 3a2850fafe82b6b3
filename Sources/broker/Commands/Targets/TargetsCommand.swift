// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker targets`: expressions that select hosts.
struct TargetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Try target expressions.",
        subcommands: [TargetsPreviewCommand.self]
    )
}
