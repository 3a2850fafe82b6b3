// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs

/// `broker-bench soak`: puts a steady load on a controller and looks at its memory.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Puts a steady load on a controller and looks at its memory.",
        discussion: """
            Broadcasts so many jobs a second. The memory is that of the controller's process after a tenth of the time and at \
            the end.
            """
    )

    @OptionGroup var controller: ControllerOptions

    @Option(help: "How many simulated agents.")
    var agents = 200

    @Option(help: ArgumentHelp("How long.", valueName: "duration"))
    var duration = "10m"

    @Option(help: "Broadcasts a second.")
    var rate = 5.0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard agents > 0, rate > 0 else { throw ValidationError("--agents and --rate take numbers above 0") }
        guard Duration(humanText: duration) != nil else { throw ValidationError("--duration takes a duration") }
    }

    func run() async throws {
        let measurement = SoakMeasurement(duration: Duration(humanText: duration) ?? .seconds(600), rate: rate)
        let agents = agents
        let figures = try await Testbed.with(controller) { testbed in
            try await Fleet.with(.init(size: agents), on: testbed) {
                try await measurement.measure(testbed, agents: agents)
            }
        }
        try output.show(figures, directory: controller.directory)
    }
}
