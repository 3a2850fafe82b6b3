// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Credentials
import Deployments
import Foundation
import Jobs
import Testing

/// What strangers can send to the call that needs no key, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct FloodTests {
    /// Calls the API as a stranger does.
    private func asStranger<Value: Sendable>(
        _ deployment: Deployment,
        _ body: (BrokerClient) async throws -> Value
    ) async throws -> Value {
        var configuration = BrokerClientConfiguration(url: try #require(deployment.environment["BROKER_URL"]))
        configuration.trust = .system(caFile: deployment.environment["BROKER_CA_FILE"])
        return try await BrokerClient.with(configuration, body)
    }

    private func status(_ client: BrokerClient, _ request: EnrolmentRequest) async throws -> Int {
        do {
            _ = try await client.enrol(request)
            return 200
        } catch let error as BrokerClientError {
            return try #require(error.problem?.status, "\(error)")
        }
    }

    private static let atOnce = 20

    /// Asks 600 times, and returns the answers.
    ///
    /// Faster than one after the other, or a slow machine would not come to the bound; and not all at once, or it would
    /// not take so many connections in time.
    private func flood(_ client: BrokerClient, _ request: EnrolmentRequest) async throws -> [Int] {
        try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<Self.atOnce {
                group.addTask {
                    var statuses: [Int] = []
                    for _ in 0..<30 { statuses.append(try await status(client, request)) }
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test func `who asks with wrong secrets is slowed down, and others are served meanwhile`() async throws {
        try await Deployment.with { deployment in
            let request = EnrolmentRequest(
                hostname: "web-1",
                certificateRequest: try AgentKey().certificateRequestPEM(hostname: "web-1"),
                secret: "a guess"
            )

            let begin = ContinuousClock.now
            let (first, statuses) = try await asStranger(deployment) { client in
                var first: [Int] = []
                for _ in 0..<10 { first.append(try await status(client, request)) }
                return (first, try await flood(client, request))
            }
            let taken = ContinuousClock.now - begin

            #expect(first.allSatisfy { $0 == 403 })
            #expect(Set(first + statuses) == [403, 429])
            // One every two seconds after the first ten, however slow the machine is, and those that were being answered.
            #expect(statuses.count { $0 == 403 } <= Self.atOnce + Int(taken / .seconds(2)) + 1)
            let known = try await deployment.withClient { try await $0.enrolments().totalItems }
            #expect(known == 0)
        }
    }

    @Test func `no more hosts wait from one address than may`() async throws {
        try await Deployment.with { deployment in
            let statuses = try await asStranger(deployment) { client in
                var statuses: [Int] = []
                for number in 0..<25 {
                    let pem = try AgentKey().certificateRequestPEM(hostname: "x")
                    statuses.append(
                        try await status(client, .init(hostname: "x-\(number)", certificateRequest: pem, secret: nil))
                    )
                }
                return statuses
            }

            #expect(statuses == Array(repeating: 200, count: 20) + Array(repeating: 429, count: 5))
            let waiting = try await deployment.withClient { try await $0.enrolments(state: .pending).totalItems }
            #expect(waiting == 20)
        }
    }

    @Test func `who asks again and again how things stand is slowed down`() async throws {
        try await Deployment.with { deployment in
            let request = EnrolmentRequest(
                hostname: "web-1",
                certificateRequest: try AgentKey().certificateRequestPEM(hostname: "web-1"),
                secret: nil
            )

            let statuses = try await asStranger(deployment) { client in
                try await flood(client, request)
            }

            #expect(Set(statuses) == [200, 429])
            let waiting = try await deployment.withClient { try await $0.enrolments(state: .pending).totalItems }
            #expect(waiting == 1)
        }
    }

    @Test func `what is no request, or too large, is refused`() async throws {
        try await Deployment.with { deployment in
            let good = try AgentKey().certificateRequestPEM(hostname: "web-1")
            let statuses = try await asStranger(deployment) { client in
                [
                    try await status(client, .init(hostname: "web-1", certificateRequest: "none", secret: nil)),
                    try await status(client, .init(hostname: "a b", certificateRequest: good, secret: nil)),
                    try await status(client, .init(hostname: "*.example.org", certificateRequest: good, secret: nil)),
                    try await status(
                        client,
                        .init(hostname: "w", certificateRequest: String(repeating: "x", count: 40_000), secret: nil)
                    ),
                ]
            }

            #expect(statuses == [400, 400, 400, 413])
        }
    }
}
