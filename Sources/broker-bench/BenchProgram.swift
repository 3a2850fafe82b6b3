// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program `broker-bench`.
@main
struct BenchProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker-bench",
        abstract:
            "Puts load on a controller, and measures it: what each subcommand measures is in docs/performance.md.",
        subcommands: [
            FleetCommand.self, DispatchCommand.self, SubmitCommand.self, IngestCommand.self, ListCommand.self,
            ConnectCommand.self, SoakCommand.self, CeilingCommand.self, ReportCommand.self, PlainControllerCommand.self,
        ]
    )
}
