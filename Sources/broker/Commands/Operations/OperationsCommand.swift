// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker operations`: what jobs can do.
struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "List and show operations.",
        subcommands: [OperationsListCommand.self, OperationsGetCommand.self]
    )
}
