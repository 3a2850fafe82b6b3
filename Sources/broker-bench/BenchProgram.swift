// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program `broker-bench`.
@main
struct BenchProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker-bench",
        abstract: "Puts load on a controller: simulated fleets, and the time that jobs take.",
        subcommands: [SwarmCommand.self, DispatchCommand.self]
    )
}
