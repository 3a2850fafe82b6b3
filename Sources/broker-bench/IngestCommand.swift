// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench ingest`: measures how many results a second the controller gets on its disk.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Measures how many results a second the controller gets on its disk.",
        discussion: """
            Every simulated agent has a run of each of some jobs, and all runs end at the same moment. A result counts when it \
            is synchronised to the disk, with its lines of the timeline and the counts of its job.
            """
    )

    @OptionGroup var controller: ControllerOptions

    @Option(help: "How many simulated agents.")
    var agents = 1000

    @Option(help: "How many jobs, each for all agents; at most 100.")
    var jobs = 20

    @Option(help: "How often that is measured.")
    var rounds = 3

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard agents > 0, (1...100).contains(jobs), rounds > 0 else {
            throw ValidationError("--agents and --rounds take numbers from 1, --jobs 1 to 100")
        }
    }

    func run() async throws {
        let measurement = IngestMeasurement(agents: agents, jobs: jobs, rounds: rounds)
        let figures = try await Testbed.with(controller) { try await measurement.measure($0) }
        try output.show(figures, directory: controller.directory)
    }
}
