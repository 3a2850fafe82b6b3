// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine

/// `broker audit export`: the whole audit log on stdout.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole audit log to stdout, a line of JSON each, oldest first.",
        usage: "broker audit export [<options>]"
    )

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            try await client.eachAuditRecord { record in
                console.write(try JSONText.text(record, pretty: false) + "\n")
            }
        }
    }
}
