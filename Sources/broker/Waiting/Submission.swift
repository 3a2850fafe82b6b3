// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs

/// Submits a job and, if the user wants that, waits for it and shows what became of it.
struct Submission: Sendable {
    let job: JobOptions
    let waiting: WaitOptions
    let output: OutputOptions
    let connection: ConnectionOptions

    /// Submits the job that `request` makes.
    ///
    /// - Throws: ``Ending`` for a job that did not end well, ``BrokerClientError``, ``UsageError``.
    func run(_ request: @escaping @Sendable (BrokerClient) async throws -> JobRequest) async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            guard job.wait else {
                let record = try await client.submit(try await request(client))
                return try show(record, console)
            }
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            try await watch.run { try await client.submit(try await request(client)) }
        }
    }

    private func show(_ record: Job, _ console: Console) throws {
        let text = try output.presenter(console).text(one: record, .jobs) { "\($0.id)\n" }
        console.write(text)
        if !waiting.quiet { console.say("to watch it: broker jobs watch \(record.id)") }
    }
}
