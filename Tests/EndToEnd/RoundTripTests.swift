// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// The whole way, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RoundTripTests {
    @Test func `a broadcast to five agents of which one fails is a partial failure with the whole story`() async throws
    {
        try await Deployment.with { deployment in
            let hostnames = (1...5).map { "web-\($0)" }
            for hostname in hostnames { try await deployment.startAgent(hostname) }
            try await deployment.withClient { client in
                try await deployment.connected(5, client)

                let submitted = try await client.submitShell(
                    "echo out; echo err >&2; test $BROKER_HOSTNAME != web-3 || exit 7"
                )
                let job = try await deployment.job(submitted.id, client) { $0.status.isTerminal }

                #expect(job.status == .partialFailure)
                #expect(job.agentCounts[.completed] == 4)
                #expect(job.agentCounts[.failed] == 1)
                #expect(job.agentsTotal == 5)
                #expect(job.changed == true)
                let runs = try await client.runs(of: job.id).items
                #expect(runs.map(\.hostname) == hostnames)
                #expect(runs.map(\.state) == [.completed, .completed, .failed, .completed, .completed])
                #expect(runs[2].error?.code == "non_zero_exit")
                #expect(runs[2].data?["exit_code"] == 7)
                #expect(runs[0].data?["stdout"] == "out\n")
                #expect(runs[0].data?["stderr"] == "err\n")
                #expect(job.agentsChanged == runs.count { $0.changed == true })
                expectWholeStory(of: job, hostnames: hostnames, failing: "web-3")
            }
        }
    }

    private func expectWholeStory(of job: Job, hostnames: [String], failing: String) {
        let timeline = job.timeline ?? []
        #expect(timeline.first?.event == .submitted)
        #expect(timeline.count == 1 + 3 * hostnames.count)
        #expect(zip(timeline, timeline.dropFirst()).allSatisfy { $0.timestamp <= $1.timestamp })
        for hostname in hostnames {
            let events = timeline.filter { $0.hostname == hostname }.map(\.event)
            #expect(events == [.acknowledged, .started, hostname == failing ? .failed : .completed], "\(hostname)")
        }
    }

    @Test func `an agent that is away gets its job on its return`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                agent.signal(SIGTERM)
                #expect(try await agent.ended() == 0)
                try await deployment.connected(0, client)

                let submitted = try await client.submitShell("true")
                #expect(try await client.job(submitted.id).status == .submitted)
                try await deployment.startAgent("web-1")

                let job = try await deployment.job(submitted.id, client) { $0.status.isTerminal }
                #expect(job.status == .completed)
            }
        }
    }

    @Test func `a job whose agent stays away expires at its deadline`() async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                try await agent.killed()
                try await deployment.connected(0, client)

                let submitted = try await client.submitShell("true", deadline: 1)

                let job = try await deployment.job(submitted.id, client) { $0.status.isTerminal }
                #expect(job.status == .failed)
                #expect(job.agentCounts[.expired] == 1)
                try await deployment.startAgent("web-1")
                try await deployment.connected(1, client)
                let later = try await client.submitShell("true")
                _ = try await deployment.job(later.id, client) { $0.status.isTerminal }
                #expect(try await client.job(submitted.id).agentCounts[.expired] == 1, "an expired run stays expired")
            }
        }
    }

    @Test func `a controller that is killed in the middle finds everything again`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            let flag = deployment.directory.appending(path: "go")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let submitted = try await client.submitShell("until test -e \(flag.path); do sleep 0.05; done")
                _ = try await deployment.job(submitted.id, client) { $0.agentCounts[.started] == 1 }

                try await deployment.killController()
                try Data().write(to: flag)
                try await deployment.startController()

                let job = try await deployment.job(submitted.id, client) { $0.status.isTerminal }
                #expect(job.status == .completed)
                #expect(job.timeline?.map(\.event) == [.submitted, .acknowledged, .started, .completed])
            }
        }
    }

    @Test func `an agent that is killed in the middle of a run tells that it was interrupted, and runs it once`()
        async throws
    {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            let trace = deployment.directory.appending(path: "trace")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let submitted = try await client.submitShell("echo ran >> \(trace.path); sleep 60")
                _ = try await deployment.job(submitted.id, client) { $0.agentCounts[.started] == 1 }
                while !FileManager.default.fileExists(atPath: trace.path) {
                    try await Task.sleep(for: .milliseconds(10))
                }

                try await agent.killed()
                try await deployment.startAgent("web-1")

                let job = try await deployment.job(submitted.id, client) { $0.status.isTerminal }
                #expect(job.status == .failed)
                #expect(try await client.runs(of: job.id).items.first?.error?.code == "interrupted")
                #expect(try String(contentsOf: trace, encoding: .utf8) == "ran\n")
            }
        }
    }

    @Test func `two hundred simulated agents in one process all take a broadcast`() async throws {
        try await Deployment.with { deployment in
            try deployment.startFleet(of: 200, failEvery: 2)
            try await deployment.withClient { client in
                try await deployment.connected(200, client)

                let first = try await client.submit(
                    JobRequest(operation: OperationRequest(type: "ping"), target: "fleet=simulated")
                )
                let well = try await deployment.job(first.id, client) { $0.status.isTerminal }
                #expect(well.status == .completed)
                #expect(well.agentCounts[.completed] == 200)

                let second = try await client.submit(
                    JobRequest(operation: OperationRequest(type: "ping"), target: "sim-*")
                )
                let failed = try await deployment.job(second.id, client) { $0.status.isTerminal }
                #expect(failed.status == .failed)
                #expect(failed.agentCounts[.failed] == 200)
                #expect(failed.timelineTotal == 601)
            }
        }
    }
}
