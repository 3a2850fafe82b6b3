// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs

extension Testbed {
    /// The record of the newest job without its timeline; the cheapest way to look at one.
    private func newest() async throws -> Job? {
        try await client.jobs(limit: 1).items.first
    }

    /// Waits until the newest job has ended.
    ///
    /// - Parameters:
    ///   - id: the job that must be the newest.
    ///   - interval: how often the controller is asked.
    /// - Returns: its record.
    /// - Throws: `BenchError` where another job came.
    func ended(_ id: JobID, every interval: Duration) async throws -> Job {
        while true {
            guard let job = try await newest(), job.id == id else {
                throw BenchError("somebody else submits jobs to this controller")
            }
            if job.status.isTerminal { return job }
            try await Task.sleep(for: interval)
        }
    }

    /// Waits until as many jobs are open as wanted.
    func openJobs(_ wanted: Int, every interval: Duration = .milliseconds(20)) async throws {
        while true {
            let submitted = try await client.jobs(JobFilter(status: .submitted), limit: 1).totalItems ?? 0
            let processing = try await client.jobs(JobFilter(status: .processing), limit: 1).totalItems ?? 0
            if submitted + processing <= wanted { return }
            try await Task.sleep(for: interval)
        }
    }

    /// Submits an operation.
    func submit(_ operation: String = "ping", to target: String, by client: BrokerClient? = nil) async throws -> Job {
        let data: JSONValue = operation == "command.exec" ? ["argv": ["/bin/true"]] : [:]
        return try await (client ?? self.client).submit(
            JobRequest(operation: OperationRequest(type: operation, data: data), target: target)
        )
    }
}
