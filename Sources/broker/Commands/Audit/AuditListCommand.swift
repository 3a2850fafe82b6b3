// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine

/// `broker audit list`: the newest lines of the audit log.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show changes and refused attempts, newest first.",
        usage: "broker audit list [<options>]"
    )

    @Option(parsing: .unconditional, help: "How many to show at most; what the controller gives at once if left out.")
    var limit: Int?

    @Option(parsing: .unconditional, help: "Only lines before the one with this number.")
    var before: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if let before, before < 2 { throw ValidationError("--before must be at least 2") }
    }

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let page = try await client.audit(cursor: before, limit: limit)
            console.write(try output.presenter(console).text(page.items, .audit))
            if let next = page.next { console.say("there are more: --before \(next)") }
        }
    }
}
