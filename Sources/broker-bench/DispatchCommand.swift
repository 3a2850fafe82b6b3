// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import FoundationEssentials
import Jobs

/// `broker-bench dispatch`: how long jobs take from submission to the last recorded result.
struct DispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Submits jobs one after another and tells how long they took.",
        discussion: """
            The time of a job is from its commit to the commit of its last result, both by the controller's clock, as the \
            record has them. The environment has BROKER_URL, BROKER_API_KEY and BROKER_CA_FILE.
            """
    )

    @Option(help: "Which agents.")
    var target: String

    @Option(help: "How many jobs.")
    var rounds = 20

    @Option(help: ArgumentHelp("The operation; command.exec runs /bin/true.", valueName: "name"))
    var operation = "ping"

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds takes a number from 1") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["BROKER_URL"] else { throw ValidationError("BROKER_URL is not set") }
        let client = try BrokerClient(
            BrokerClientConfiguration(
                url: url,
                key: environment["BROKER_API_KEY"],
                caFile: environment["BROKER_CA_FILE"]
            )
        )
        do {
            try await measure(client)
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    private func measure(_ client: BrokerClient) async throws {
        var times: [Int64] = []
        var agents = 0
        for _ in 0..<rounds {
            let job = try await finished(client)
            agents = job.counts.total
            guard let end = job.finishedAt, job.status == .completed else {
                throw ValidationError("job \(job.id) is \(job.status.rawValue)")
            }
            times.append((end - job.createdAt).wholeMilliseconds)
        }
        times.sort()
        let at = { (share: Double) in times[min(times.count - 1, Int(Double(times.count) * share))] }
        print(
            "\(operation) on \(agents) agents, \(rounds) jobs: median \(at(0.5)) ms, 90 % \(at(0.9)) ms, "
                + "least \(times[0]) ms, most \(times[times.count - 1]) ms"
        )
    }

    private func finished(_ client: BrokerClient) async throws -> Job {
        let data: JSONValue = operation == "command.exec" ? ["argv": ["/bin/true"]] : [:]
        let submitted = try await client.submit(
            JobRequest(operation: OperationRequest(type: operation, data: data), target: target)
        )
        while true {
            let job = try await client.job(submitted.id)
            if job.status.isTerminal { return job }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
