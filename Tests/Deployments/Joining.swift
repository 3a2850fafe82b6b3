// SPDX-License-Identifier: Apache-2.0

package import Foundation

// Agents that join as hosts do, with keys of their own making.

extension Deployment {
    /// Where a host that joins has its files.
    package struct JoinedHost: Sendable {
        /// Key and certificate.
        package let identity: URL
        /// The authorities that it trusts.
        package let authorities: URL
        /// Its settings.
        package let settings: URL
        /// What it says.
        package let log: URL
    }

    /// The places of a host that joins; `name` tells hosts apart that call themselves the same.
    package func host(_ name: String) -> JoinedHost {
        JoinedHost(
            identity: directory.appending(path: "joined/\(name)/tls/agent.pem"),
            authorities: directory.appending(path: "joined/\(name)/tls/ca.pem"),
            settings: directory.appending(path: "joined/\(name)/agent.yaml"),
            log: directory.appending(path: "\(name).log")
        )
    }

    /// The command line of `broker-agent join`.
    ///
    /// - Parameters:
    ///   - name: tells hosts apart.
    ///   - hostname: what it calls itself; nil for `name`.
    ///   - more: a token, or the URL and the fingerprint; and further options.
    /// - Returns: the arguments.
    package func joinArguments(_ name: String, as hostname: String? = nil, _ more: [String]) -> [String] {
        let host = host(name)
        return [
            "join", "--hostname", hostname ?? name, "--config", host.settings.path, "--tls-dir",
            host.identity.deletingLastPathComponent().path, "--state-dir",
            directory.appending(path: "joined/\(name)/state").path,
        ] + more
    }

    /// Starts a host that joins and then is an agent.
    @discardableResult
    package func startJoining(_ name: String, as hostname: String? = nil, _ more: String...) throws -> Program {
        try start("broker-agent", joinArguments(name, as: hostname, more), log: host(name).log)
    }

    /// Starts a host that has joined.
    @discardableResult
    package func startJoined(_ name: String, settings: [String: String] = [:]) throws -> Program {
        let flags = settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        return try start("broker-agent", ["run", "--config", host(name).settings.path] + flags, log: host(name).log)
    }

    /// Has a host join and end.
    package func join(_ name: String, as hostname: String? = nil, _ more: String...) async throws -> Program.Result {
        try await Program.run("broker-agent", joinArguments(name, as: hostname, more + ["--no-start"]), in: directory)
    }

    /// A fresh join token.
    package func joinToken(_ options: String...) async throws -> String {
        let result = try await Program.run(
            "broker",
            ["agents", "join-token", "create"] + options,
            environment: environment,
            in: directory
        )
        guard result.status == 0 else { throw DeploymentError(result.errors) }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Waits until a program has said something.
    package func said(_ text: String, in log: URL) async throws {
        while (try? String(contentsOf: log, encoding: .utf8))?.contains(text) != true {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
