// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench ceiling`: measures the same work by the thinnest code: what cannot be beaten.
struct CeilingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceiling",
        abstract: "Measures the same work by the thinnest code: what cannot be beaten.",
        discussion: """
            Bare libnng, plain and behind the tunnel, and bare SQLite statements. The bare HTTP server is measured by list.
            """
    )

    @Option(help: "How many clients, each with a socket of its own.")
    var agents = 1000

    @Option(help: "How many rounds.")
    var rounds = 10

    @Option(help: ArgumentHelp("Where temporary files go.", valueName: "dir"))
    var directory: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard agents > 0, rounds > 0 else { throw ValidationError("--agents and --rounds take numbers from 1") }
    }

    func run() async throws {
        let measurement = CeilingMeasurement(agents: agents, rounds: rounds)
        let figures = try await TemporaryDirectory.with(parent: directory) {
            try await measurement.measure(directory: $0)
        }
        try output.show(figures, directory: directory)
    }
}
