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
    /// The option to blame for a job that is too large for the controller.
    var largest: String?

    /// Submits the job that `request` makes.
    ///
    /// - Throws: ``Ending`` for a job that did not end well, ``BrokerClientError``, ``UsageError``.
    func run(_ request: @escaping @Sendable (BrokerClient) async throws -> JobRequest) async throws {
        try waiting.check(isWaiting: job.wait)
        let console = Console()
        let (largest, key) = (largest, job.idempotencyKey)
        let submit: @Sendable (BrokerClient) async throws -> Job = { client in
            let request = try await request(client)
            try request.checkSize(blame: largest)
            var job = try await client.submit(request, idempotencyKey: key)
            if let secret = job.webhook?.secret {
                // Said here alone, and kept out of every record that is written.
                console.say("webhook secret: \(secret)")
                job.webhook?.secret = nil
            }
            return job
        }
        try await connection.withClient(console) { client in
            guard job.wait else { return try await show(try await submit(client), client, console) }
            let watch = JobWatch(client: client, waiting: waiting, output: output, console: console)
            try await watch.run { try await submit(client) }
        }
    }

    private func show(_ record: Job, _ client: BrokerClient, _ console: Console) async throws {
        let text = try output.presenter(console).text(one: record, .jobs) { "\($0.id)\n" }
        console.write(text)
        guard !waiting.quiet else { return }
        if let away = await client.awayHosts(of: record) { console.say("\(away)") }
        console.say("to watch it: broker jobs watch \(record.id)")
    }
}
