// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench submit`: measures how many jobs for one agent each get done in a second.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Measures how many jobs for one agent each get done in a second.",
        discussion: """
            Many submitters submit side by side over connections that stay open; the clock stops when all jobs have ended.
            """
    )

    @OptionGroup var controller: ControllerOptions

    @Option(help: "How many jobs.")
    var jobs = 2000

    @Option(help: "How many submitters.")
    var submitters = 64

    @Option(help: "How many simulated agents, to which the jobs go in turn.")
    var agents = 64

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard jobs > 0, submitters > 0, agents > 0 else {
            throw ValidationError("--jobs, --submitters and --agents take numbers from 1")
        }
    }

    func run() async throws {
        let measurement = SubmitMeasurement(jobs: jobs, submitters: submitters, agents: agents)
        let figures = try await Testbed.with(controller) { testbed in
            try await Fleet.with(.init(size: measurement.agents), on: testbed) {
                try await measurement.measure(testbed)
            }
        }
        try output.show(figures, directory: controller.directory)
    }
}
