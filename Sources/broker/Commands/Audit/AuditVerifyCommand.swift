// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine

/// `broker audit verify`: whether the audit log is what was written.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Follow the chain of the audit log, of the controller or of an export.",
        usage: "broker audit verify [<file>] [<options>]",
        discussion: """
            Prints NUMBER:HASH of the last line. Note it where nobody who can write the database can write, and give \
            it as --head the next time: then also a log that was made anew, or cut off, is found. A log in which a \
            line was changed, taken out or put in has exit code 1, and the first line that is wrong is named.

            EXAMPLES
              broker audit verify
              broker audit export > audit.ndjson && broker audit verify audit.ndjson --head 4711:9f2c…
            """
    )

    @Argument(help: "A file that 'broker audit export' wrote; the controller's log if left out.", completion: .file())
    var file: String?

    @Option(
        help: ArgumentHelp("A line that was noted earlier, which must be there.", valueName: "number:hash"),
        transform: { try AuditHead($0) }
    )
    var head: AuditHead?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        var verification = AuditVerification(expecting: head)
        do {
            if let file {
                try AuditFile(path: file).each { try verification.take($0) }
            } else {
                verification = try await connection.withClient(console) { [verification] client in
                    var verification = verification
                    try await client.eachAuditRecord { try verification.take($0) }
                    return verification
                }
            }
            let last = try verification.finish()
            console.write("\(last)\n")
            console.say("\(last.number) \(last.number == 1 ? "line" : "lines"), as written")
        } catch let fault as AuditFault {
            console.say("broker: the audit log is not what was written: \(fault)")
            throw Ending(status: .unexpected)
        }
    }
}
