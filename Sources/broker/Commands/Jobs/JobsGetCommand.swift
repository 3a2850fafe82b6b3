// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs get`: all there is to say about a job.
struct JobsGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show a job: record, counts, timeline, and errors of its hosts.",
        usage: "broker jobs get <id> [<options>]",
        discussion: "The exit code tells whether the job could be shown, not how it went; see 'jobs watch' for that."
    )

    /// How many hosts with errors are listed.
    private static let errorLimit = 100

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            // A table shows errors of its own; the other formats have all that the API has.
            let isTable = presenter.format == .table
            let job = try await client.job(id, expanding: isTable ? [.timeline] : Set(JobExpansion.allCases))
            let notWell = presenter.format == .table ? try await notWell(of: job, client) : []
            let text = try presenter.text(one: job, .jobs) { JobReport($0, notWell: notWell).text(presenter) }
            console.write(text)
        }
    }

    private func notWell(of job: Job, _ client: BrokerClient) async throws -> [Run] {
        var runs: [Run] = []
        let states: [RunState] = [.failed, .timedOut, .lost, .expired, .cancelled]
        for state in states where job.agentCounts[state] > 0 && runs.count < Self.errorLimit {
            let room = Self.errorLimit - runs.count
            runs += try await client.runs(of: id, RunFilter(state: state), data: false, limit: room).items
        }
        return runs.sorted { $0.hostname < $1.hostname }
    }
}
