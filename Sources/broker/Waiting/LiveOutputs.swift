// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs

/// Writes what the hosts of a job write as they write it, line by line, stdout to stdout and stderr to stderr.
struct LiveOutputs: Sendable {
    /// Of how many hosts at most: each takes a stream, of which a key has no more than a few.
    static let mostHosts = 16

    let client: BrokerClient
    let display: ProgressDisplay

    /// Follows the runs of a job to their ends.
    func follow(_ job: Job) async {
        do {
            let runs = try await client.runs(of: job.id, data: false, limit: Self.mostHosts)
            if job.agentsTotal > runs.items.count {
                await display.note("following the first \(runs.items.count) of \(job.agentsTotal) hosts")
            }
            await withDiscardingTaskGroup { group in
                for run in runs.items { group.addTask { await follow(job.id, run.hostname) } }
            }
        } catch {
            await display.missOutput()
            await tell(error)
        }
    }

    private func follow(_ id: JobID, _ hostname: String) async {
        var lines: [RunOutput.Stream: HostLines] = [.stdout: HostLines(hostname), .stderr: HostLines(hostname)]
        var isWhole = false
        do {
            for try await event in try await client.followOutput(of: id, on: hostname) {
                switch event {
                case .output(let stream, let bytes, _): await write(lines[stream]?.take(bytes), of: stream)
                case .gap(let stream, let bytes, _):
                    await write(lines[stream]?.finish(), of: stream)
                    await display.tell("\(hostname): … \(bytes) bytes of \(stream.rawValue) left out …")
                case .end: isWhole = true
                }
            }
        } catch {
            await tell(error)
        }
        if !isWhole { await display.missOutput() }
        for stream in RunOutput.Stream.allCases { await write(lines[stream]?.finish(), of: stream) }
    }

    private func write(_ text: String?, of stream: RunOutput.Stream) async {
        guard let text, !text.isEmpty else { return }
        await display.write(text, isError: stream == .stderr)
    }

    /// The job goes on, and what the hosts wrote comes in the end; so this is not the end of the program.
    private func tell(_ error: any Error) async {
        guard !Task.isCancelled, let error = error as? BrokerClientError else { return }
        await display.note("no longer following: \(error.message)")
    }
}
