// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker jobs get`: all there is to say about a job.
struct JobsGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show a job: record, counts, timeline, and errors of its hosts; or its results, with --group.",
        usage: "broker jobs get <id> [<options>]",
        discussion: """
            Its counts, the errors of its hosts (the first hundred), its timeline (the first 500 lines), what it \
            asked for beyond the usual, of which job it is a retry, and who asked for it to be cancelled. In the \
            other formats it is the API's record.

            The exit code tells whether the job could be shown, not how it went; see 'broker jobs watch' for that.

            EXAMPLES
              broker jobs get 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41
            """
    )

    /// How many hosts with errors are listed.
    private static let errorLimit = 100

    @Argument(help: "The id of the job.", transform: { try jobID($0) })
    var id: JobID

    @Flag(
        name: .customLong("group"),
        help: "Its results in place of it: what is the same is one line, the rarest first."
    )
    var isGrouped = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            guard !isGrouped else { return try await showGroups(client, presenter, console) }
            // A table shows errors of its own; the other formats have all that the API has.
            let isTable = presenter.format == .table
            let job = try await client.job(id, expanding: isTable ? [.timeline] : Set(JobExpansion.allCases))
            let notWell = presenter.format == .table ? try await notWell(of: job, client) : []
            let text = try presenter.text(one: job, .jobs) { JobReport($0, notWell: notWell).text(presenter) }
            console.write(text)
        }
    }

    /// Shows the results of the job, one line for all hosts that have the same.
    private func showGroups(_ client: BrokerClient, _ presenter: Presenter, _ console: Console) async throws {
        let page = try await client.groups(of: id)
        console.write(try presenter.text(page.items, .groups))
        let more = (page.totalItems ?? 0) - page.items.count
        if more > 0 { console.say("and \(more) more, each at least as common as the last") }
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
