// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs

/// Writes what became of a job on each of its hosts.
struct JobResults: Sendable {
    let client: BrokerClient
    let presenter: Presenter
    let console: Console

    /// Writes the results.
    ///
    /// - Parameters:
    ///   - job: the job; its runs are asked for here.
    ///   - choice: whose output to show; nil for what is usual.
    /// - Throws: ``BrokerClientError``.
    func show(_ job: Job, choice: OutputChoice?) async throws {
        let choice = choice ?? .usual(format: presenter.format, hosts: job.agentsTotal)
        switch presenter.format {
        case .table: try await table(job, choice)
        case .json, .ndjson: try await json(job, choice)
        case .csv: try await csv(job, choice)
        }
    }

    private func table(_ job: Job, _ choice: OutputChoice) async throws {
        var runs: [Run] = []
        let blocks = OutputBlocks(presenter)
        var output = ""
        for try await run in client.allRuns(of: job.id) {
            // The lines of all hosts come first, and are as wide as the widest: so they are kept, without the output.
            runs.append(run.withoutOutput)
            output += blocks.text(run.showing(choice))
        }
        console.write(presenter.text(RecordView.runs.table(runs)) + output)
        console.write(presenter.inked("\(Verdict(job))", Ink(job.status)) + "\n")
    }

    private func json(_ job: Job, _ choice: OutputChoice) async throws {
        var runs: [Run] = []
        for try await run in client.allRuns(of: job.id, data: choice != .never) {
            runs.append(run.showing(choice))
        }
        let record = JobWithRuns(job, runs: runs)
        console.write(try JSONText.text(record, pretty: presenter.format == .json) + "\n")
    }

    private func csv(_ job: Job, _ choice: OutputChoice) async throws {
        console.write(presenter.csv([RecordView.runs.csvHeader]))
        for try await run in client.allRuns(of: job.id) {
            let hidesOutput = choice == .never || (choice == .failed && !run.isNotWell)
            console.write(presenter.csv([RecordView.runs.csv(hidesOutput ? run.withoutOutput : run)]))
        }
    }
}
