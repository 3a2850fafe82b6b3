// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs

/// `broker-bench list`: measures listings, records and filters over HTTP before a long history.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Measures listings, records and filters over HTTP before a long history.",
        discussion: """
            Fills a store with jobs that have ended, starts a controller over it with plain HTTP on loopback, and asks for each \
            listing by every filter at several depths, one request after the other. Requests a second are given beside those of a bare server \
            that answers the same bytes. All jobs are exported as well, with what the controller's memory grows by.
            """
    )

    @Option(help: "How many jobs there are.")
    var jobs = 10_000

    @Option(help: "How many runs each job has.")
    var runs = 1

    @Option(help: ArgumentHelp("The agents of one more job; 0 for no such job.", valueName: "number"))
    var wide = 10_000

    @Option(help: "How many requests for each path.")
    var requests = 300

    @Option(help: "How many connections side by side for requests a second.")
    var connections = 8

    @Option(help: ArgumentHelp("How long requests a second are counted.", valueName: "duration"))
    var duration = "2s"

    @Option(help: ArgumentHelp("Where temporary files go.", valueName: "dir"))
    var directory: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard jobs > 0, runs > 0, requests > 0, connections > 0, wide >= 0 else {
            throw ValidationError("--jobs, --runs, --requests and --connections take numbers from 1")
        }
        guard Duration(humanText: duration) != nil else { throw ValidationError("--duration takes a duration") }
    }

    func run() async throws {
        var measurement = ListMeasurement()
        measurement.filling = StoreFilling(jobs: jobs, runsPerJob: runs, wideJob: wide)
        measurement.requests = requests
        measurement.connections = connections
        measurement.duration = Duration(humanText: duration) ?? .seconds(2)
        let figures = try await TemporaryDirectory.with(parent: directory) { [measurement] directory in
            var configuration = ControllerProcess.Configuration()
            configuration.isHTTPPlain = true
            return try await measurement.measure(ControllerProcess(configuration, directory: directory))
        }
        try output.show(figures, directory: directory)
    }
}
