// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Links that fail in the kernel: neither side is reset or told, packets are just not there any more.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: FaultsSize.isStandard, "only with BROKER_FAULTS=standard")
)
struct NetworkTests {
    /// Calls `body` with a controller and agents `web-1` and on, each in a network namespace of its own.
    private func withNetwork(
        hosts count: Int,
        _ body: (Deployment, Network) async throws -> Void
    ) async throws {
        if let problem = Network.problem { return print("SKIPPED, a test in network namespaces: \(problem)") }
        let network = try Network(hosts: count)
        defer { network.end() }
        print(network.loss.description)
        let settings = ["agents.heartbeat": "1s"]
        try await Deployment.with(settings: settings, surroundings: network.surroundings) { deployment in
            for number in 1...count {
                let link = network.link(number, to: deployment)
                try await deployment.startAgent("web-\(number)", through: link.address, within: link.prefix)
            }
            try await deployment.withClient { try await deployment.connected(count, $0) }
            try await body(deployment, network)
        }
    }

    @Test func `a partition without a reset is noticed, and what was submitted meanwhile is done when it is over`()
        async throws
    {
        try await withNetwork(hosts: 2) { deployment, network in
            let link = network.link(1, to: deployment)
            try await deployment.withClient { client in
                try link.goDown()
                let job = try await client.submitShell("true", deadline: 120)
                _ = try await deployment.job(job.id, client) { $0.agentCounts[.completed] == 1 }
                try await deployment.connected(1, client)
                #expect(try await client.job(job.id).status == .processing)

                try link.heal()

                let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                #expect(ended.status == .completed && ended.agentCounts[.completed] == 2)
                try await deployment.connected(2, client)
            }
        }
    }

    @Test(arguments: LinkDirection.allCases)
    func `a link that is dead in one direction is noticed, and nothing runs twice`(
        _ direction: LinkDirection
    )
        async throws
    {
        try await withNetwork(hosts: 1) { deployment, network in
            guard let nft = network.loss.nft else { return print("SKIPPED: \(network.loss.description)") }
            let link = network.link(1, to: deployment)
            let trace = deployment.directory.appending(path: "trace")
            try await deployment.withClient { client in
                try link.lose(100, direction, by: nft)
                let job = try await client.submitShell("echo x >>'\(trace.path)'", deadline: 120)
                let log = deployment.directory.appending(path: "web-1.log")
                while try !String(contentsOf: log, encoding: .utf8).contains("no link to the controller") {
                    try await Task.sleep(for: .milliseconds(100))
                }

                try link.heal()

                let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                #expect(ended.status == .completed)
                #expect(try String(contentsOf: trace, encoding: .utf8) == "x\n")
            }
        }
    }

    @Test func `a link that loses a fifth of its packets is slow, and all is done`() async throws {
        try await withNetwork(hosts: 1) { deployment, network in
            guard let nft = network.loss.nft else { return print("SKIPPED: \(network.loss.description)") }
            let link = network.link(1, to: deployment)
            try await deployment.withClient { client in
                try link.lose(20, by: nft)
                for number in 0..<10 {
                    let job = try await client.submitShell("echo \(number)", deadline: 120)
                    #expect(try await deployment.job(job.id, client) { $0.status.isTerminal }.status == .completed)
                }

                let dropped = try link.dropped(by: nft)

                #expect(dropped > 0, "nothing was lost")
                print("\(dropped) packets were lost")
            }
        }
    }
}
