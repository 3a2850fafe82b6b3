// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench dispatch`: measures how long jobs take, one after the other.
struct DispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Measures how long jobs take, one after the other.",
        discussion: """
            The first and the last acknowledgement and the end are by the controller's clock, as the record has them; the time \
            until the submission was accepted and until the end was seen are by this program's clock. With --agents, simulated \
            agents are started; with --agents 0 those that are there already are used.
            """
    )

    @OptionGroup var controller: ControllerOptions

    @Option(help: "How many simulated agents to start; 0 for none.")
    var agents = 1000

    @Option(help: "Which agents; all unless told otherwise.")
    var target = "_all"

    @Option(help: "How many jobs.")
    var rounds = 20

    @Option(help: ArgumentHelp("The operation; command.exec runs /bin/true.", valueName: "name"))
    var operation = "ping"

    @Option(help: ArgumentHelp("So many real agent processes in place of simulated ones.", valueName: "number"))
    var processes = 0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds takes a number from 1") }
        guard agents >= 0, processes >= 0 else { throw ValidationError("--agents and --processes take numbers from 0") }
        guard processes == 0 || (controller.url == nil && !controller.plain) else {
            throw ValidationError("--processes needs a controller that is started here, with the tunnel")
        }
    }

    func run() async throws {
        let measurement = DispatchMeasurement(target: target, operation: operation, rounds: rounds)
        let (agents, processes) = (agents, processes)
        let figures = try await Testbed.with(controller) { testbed in
            if processes > 0 {
                return try await AgentProcesses.with(processes, on: testbed) { _ in
                    try await measurement.measure(testbed)
                }
            }
            guard agents > 0 else { return try await measurement.measure(testbed) }
            return try await Fleet.with(.init(size: agents), on: testbed) { try await measurement.measure(testbed) }
        }
        try output.show(figures, directory: controller.directory)
    }
}
