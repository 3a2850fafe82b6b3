// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Debian's `libreoffice-calc-nogui` has it.
private let spreadsheetPath = "/usr/bin/soffice"
private let hasSpreadsheet = FileManager.default.isExecutableFile(atPath: spreadsheetPath)

/// What is exported, as the programs have it that it is for.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ExportTests {
    private static let columns = [
        "job_id", "operation", "status", "changed", "created_at", "started_at", "completed_at", "target", "created_by",
        "agents_total", "agents_completed", "agents_failed", "agents_changed", "error_code", "error_message",
        "parameters",
    ]

    /// Two jobs, of which one failed with a message that others have a say in.
    private func submit(_ deployment: Deployment, _ client: BrokerClient) async throws -> [JobID] {
        let line = "echo 'a,\"b\"; =1' >&2; exit 3"
        var ids: [JobID] = []
        for command in ["true", line] {
            let job = try await client.submitShell(command)
            ids.append(try await deployment.end(of: job.id, client).id)
        }
        return ids
    }

    @Test func `the command line writes jobs and runs to a file, for spreadsheets and for programs`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2"]) { deployment, client, _ in
            let ids = try await submit(deployment, client)
            let file = deployment.path("jobs.csv")

            let refused = try await deployment.broker("jobs", "export", "--from", "1h", "--to", "2100-01-01")
            let table = try await deployment.broker("jobs", "export", "--from", "1h", "--to", "now", "--output", file)
            let failed = try await deployment.broker(
                "jobs",
                "export",
                "--from",
                "1h",
                "--to",
                "now",
                "--status",
                "failed",
                "--rows",
                "runs",
                "--format",
                "ndjson"
            )

            #expect(refused.status == 5 && refused.errors.contains("366 days"), "\(refused.errors)")
            #expect(table.status == 0 && table.errors.hasPrefix("2 rows, "), "\(table.errors)")
            let bytes = try Data(contentsOf: URL(filePath: file))
            #expect(Array(bytes.prefix(3)) == [0xEF, 0xBB, 0xBF])
            let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
            #expect(
                text.hasPrefix(Self.columns.joined(separator: ",") + "\r\n\(ids[1]),command.shell,failed,")
            )
            let runs = try failed.output.split(separator: "\n").map { try JSON.decode(JSONValue.self, from: $0.utf8) }
            #expect(runs.map { $0["hostname"] } == ["web-1", "web-2"] && runs.allSatisfy { $0["exit_code"] == 3 })
        }
    }

    @Test(.enabled(if: hasSpreadsheet, "LibreOffice is not installed"))
    func `a spreadsheet has the columns where they belong`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let ids = try await submit(deployment, client)
            let file = deployment.path("jobs.csv")
            let exported = try await deployment.broker(
                "jobs",
                "export",
                "--from",
                "1h",
                "--to",
                "now",
                "--output",
                file
            )
            #expect(exported.status == 0, "\(exported.errors)")

            let arguments = [
                "-env:UserInstallation=file://\(deployment.path("office"))", "--headless", "--infilter=CSV:44,34,76",
                // With tabs between, so that nothing of the text that was read is left.
                "--convert-to", "txt:Text - txt - csv (StarCalc):9,34,76", "--outdir", deployment.path("read"), file,
            ]
            let converted = try await ChildProcess.run(spreadsheetPath, arguments)

            let rows = deployment.text("read/jobs.txt").split(separator: "\n").map { row in
                row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            }
            #expect(converted.status == 0 && rows.first == Self.columns, "\(rows)")
            #expect(rows.dropFirst().map { $0[0] } == ids.reversed().map(\.description), "\(rows)")
            #expect(rows.dropFirst().map { $0[2] } == ["failed", "completed"], "\(rows)")
            #expect(rows.last?[15].contains(#"{""command"":""true""}"#) == true, "\(rows)")
        }
    }
}
