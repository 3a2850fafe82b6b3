// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

extension Deployment {
    /// A controller with these agents, all connected, and a client of it.
    static func with(
        agents hostnames: [String],
        settings: [String: String] = [:],
        _ body: (Deployment, BrokerClient, [String: Program]) async throws -> Void
    ) async throws {
        try await with(settings: settings) { deployment in
            var agents: [String: Program] = [:]
            for hostname in hostnames { agents[hostname] = try await deployment.startAgent(hostname) }
            try await deployment.withClient { client in
                try await deployment.connected(hostnames.count, client)
                try await body(deployment, client, agents)
            }
        }
    }

    /// A path in the directory of the deployment.
    func path(_ name: String) -> String { directory.appending(path: name).path }

    /// Makes an empty file, for a command to find.
    func touch(_ name: String) throws {
        try Data().write(to: directory.appending(path: name))
    }

    /// What was written to a file; empty where there is none.
    func text(_ name: String) -> String {
        (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    }

    /// Waits until a file holds as many lines.
    func lines(_ count: Int, in name: String) async throws {
        while text(name).split(separator: "\n").count < count { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Waits until an agent is as wanted.
    @discardableResult
    func agent(_ hostname: String, _ client: BrokerClient, when isReached: (Agent) -> Bool) async throws -> Agent {
        while true {
            let agent = try await client.agent(hostname)
            if isReached(agent) { return agent }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// A job at its end.
    func end(of id: JobID, _ client: BrokerClient) async throws -> Job {
        try await job(id, client) { $0.status.isTerminal }
    }
}

extension BrokerClient {
    /// Submits a shell command with more than its text.
    func submit(
        shell command: String,
        target: String = "_all",
        retry: RetryPolicy? = nil,
        onInterrupt: InterruptPolicy? = nil,
        parallel: Bool? = nil
    ) async throws -> Job {
        try await submit(
            JobRequest(
                operation: OperationRequest(type: "command.shell", data: ["command": .string(command)]),
                target: target,
                retry: retry,
                onInterrupt: onInterrupt,
                parallel: parallel
            )
        )
    }

    /// Submits a ping, which runs beside anything.
    func ping(_ target: String) async throws -> Job {
        try await submit(JobRequest(operation: OperationRequest(type: "ping"), target: target))
    }

    /// The events of a host in the timeline of a job; nil for those of the job as a whole.
    func events(of id: JobID, on hostname: String?) async throws -> [TimelineEvent.Kind] {
        (try await job(id).timeline ?? []).filter { $0.hostname == hostname }.map(\.event)
    }
}
