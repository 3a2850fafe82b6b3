// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Foundation
import Jobs
import Synchronization
import Testing

/// A controller and agents as real processes, with certificates of their own, in a temporary directory.
final class Deployment: Sendable {
    let directory: URL
    let key: String
    private let programs = Mutex([Program]())
    private let controller = Mutex<Program?>(nil)
    private let ports = Mutex((http: 0, agents: 0))

    /// Runs `body` with a running controller, and ends whatever was started.
    static func with(
        settings: [String: String] = [:],
        _ body: (Deployment) async throws -> Void
    ) async throws {
        let deployment = try await Deployment()
        do {
            try await deployment.startController(settings: settings)
            try await body(deployment)
        } catch {
            deployment.showLogs()
            try await deployment.end()
            throw error
        }
        try await deployment.end()
    }

    private init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "broker-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let base = directory.path
        for arguments in [
            ["certificates", "init", "--authority", "\(base)/ca"],
            [
                "certificates", "server", "--authority", "\(base)/ca", "--out", "\(base)/tls", "--name", "127.0.0.1",
            ],
        ] {
            let result = try await Program.run("broker-controller", arguments, in: directory)
            try #require(result.status == 0, "\(result.errors)")
        }
        let added = try await Program.run(
            "broker-controller",
            ["keys", "add", "test", "--file", "\(base)/keys"],
            in: directory
        )
        key = added.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The controller

    /// Starts the controller, on the ports of its first start if there was one, and waits until it is ready.
    @discardableResult
    func startController(settings: [String: String] = [:]) async throws -> Program {
        let endpoints = directory.appending(path: "controller/endpoints.json")
        try? FileManager.default.removeItem(at: endpoints)
        let program = try Program(
            "broker-controller",
            controllerArguments(settings),
            log: directory.appending(path: "controller.log")
        )
        programs.withLock { $0.append(program) }
        controller.withLock { $0 = program }
        while true {
            if let data = try? Data(contentsOf: endpoints), let json = try? JSON.decode(JSONValue.self, from: data),
                let http = json["http_port"]?.int, let agents = json["agents_port"]?.int
            {
                ports.withLock { $0 = (Int(http), Int(agents)) }
                return program
            }
            try #require(program.isRunning, "the controller ended")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Ends the controller without warning.
    func killController() async throws {
        try await controller.withLock { $0 }?.killed()
    }

    /// The command line of the controller, with more settings.
    func controllerArguments(_ more: [String: String] = [:]) -> [String] {
        let base = directory.path
        let (http, agents) = ports.withLock { $0 }
        var settings = [
            "state_dir": "\(base)/controller", "http.listen": "127.0.0.1:\(http)",
            "http.certificate": "\(base)/tls/controller.pem", "http.key": "\(base)/tls/controller-key.pem",
            "http.keys": "\(base)/keys", "agents.listen": "127.0.0.1:\(agents)",
            "agents.certificate": "\(base)/tls/controller.pem", "agents.key": "\(base)/tls/controller-key.pem",
            "agents.authority": "\(base)/ca/ca.pem",
        ]
        settings.merge(more) { $1 }
        return ["serve"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    }

    // MARK: Agents

    /// Starts an agent; its certificate and its ledger are those of its last start, if there was one.
    @discardableResult
    func startAgent(_ hostname: String, labels: String = "env=test") async throws -> Program {
        let base = directory.path
        if !FileManager.default.fileExists(atPath: "\(base)/tls/\(hostname).pem") {
            let result = try await Program.run(
                "broker-controller",
                ["certificates", "agent", hostname, "--authority", "\(base)/ca", "--out", "\(base)/tls"],
                in: directory
            )
            try #require(result.status == 0, "\(result.errors)")
        }
        let settings = [
            "controller=127.0.0.1:\(ports.withLock { $0.agents })", "tls.certificate=\(base)/tls/\(hostname).pem",
            "tls.key=\(base)/tls/\(hostname)-key.pem", "tls.authority=\(base)/ca/ca.pem", "hostname=\(hostname)",
            "state_dir=\(base)/agents/\(hostname)", "labels=\(labels)",
        ]
        let program = try Program(
            "broker-agent",
            settings.flatMap { ["--set", $0] },
            log: directory.appending(path: "\(hostname).log")
        )
        programs.withLock { $0.append(program) }
        return program
    }

    /// Starts a process with simulated agents.
    @discardableResult
    func startSwarm(of count: Int, failEvery: Int = 0) throws -> Program {
        let program = try Program(
            "broker-bench",
            [
                "swarm", "--controller", "127.0.0.1:\(ports.withLock { $0.agents })", "--authority",
                "\(directory.path)/ca", "--agents", "\(count)", "--fail-every", "\(failEvery)",
            ],
            log: directory.appending(path: "swarm.log")
        )
        programs.withLock { $0.append(program) }
        return program
    }

    // MARK: As a user

    /// The environment of the command line.
    var environment: [String: String] {
        [
            "BROKER_URL": "https://127.0.0.1:\(ports.withLock { $0.http })", "BROKER_API_KEY": key,
            "BROKER_CA_FILE": "\(directory.path)/ca/ca.pem", "HOME": directory.path, "NO_COLOR": "1",
        ]
    }

    /// Runs `broker` to its end.
    func broker(_ arguments: String..., with more: [String: String] = [:]) async throws -> Program.Result {
        try await Program.run(
            "broker",
            arguments,
            environment: environment.merging(more) { $1 },
            in: directory
        )
    }

    /// Calls `body` with a client of the HTTP API.
    func withClient<Value>(_ body: (BrokerClient) async throws -> Value) async throws -> Value {
        let environment = environment
        let client = try BrokerClient(
            BrokerClientConfiguration(
                url: environment["BROKER_URL"] ?? "",
                key: key,
                caFile: environment["BROKER_CA_FILE"]
            )
        )
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Waits until this many agents are connected.
    func connected(_ count: Int, _ client: BrokerClient) async throws {
        while try await client.agents(connected: true, limit: 1).total != count {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until a job is as wanted.
    func job(_ id: JobID, _ client: BrokerClient, when isReached: (Job) -> Bool) async throws -> Job {
        while true {
            let job = try await client.job(id)
            if isReached(job) { return job }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: The end

    private func showLogs() {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        for file in files where file.pathExtension == "log" {
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            print("--- \(file.lastPathComponent)\n\(text.suffix(4000))")
        }
    }

    private func end() async throws {
        for program in programs.withLock({ $0 }) where program.isRunning { try await program.killed() }
        try FileManager.default.removeItem(at: directory)
    }
}

extension BrokerClient {
    /// Submits a shell command for everybody.
    func submitShell(_ command: String, target: String = "_all", deadline: Double? = nil) async throws -> Job {
        try await submit(
            JobRequest(
                operation: OperationRequest(type: "command.shell", data: ["command": .string(command)]),
                target: target,
                deadline: deadline
            )
        )
    }
}
