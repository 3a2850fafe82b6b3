// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench connect`: measures how long it takes until all agents are connected.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Measures how long it takes until all agents are connected.",
        discussion: """
            From nothing, and after the controller was stopped and started again if it is one that was started here. Connected is \
            what the controller says; a job that all agents have told of shows that all are polled.
            """
    )

    @OptionGroup var controller: ControllerOptions

    @Option(help: "How many simulated agents.")
    var agents = 1000

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard agents > 0 else { throw ValidationError("--agents takes a number from 1") }
    }

    func run() async throws {
        let measurement = ConnectMeasurement(agents: agents)
        let figures = try await Testbed.with(controller) { try await measurement.measure($0) }
        try output.show(figures, directory: controller.directory)
    }
}
