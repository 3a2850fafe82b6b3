// SPDX-License-Identifier: Apache-2.0

package import BrokerClient
package import Foundation
package import Jobs
import Synchronization

/// A controller and agents as real processes, with certificates of their own, in a temporary directory.
package final class Deployment: Sendable {
    /// Where everything of it is.
    package let directory: URL
    /// An API key that may do everything.
    package var key: String { admin.withLock { $0 } }
    private let admin = Mutex("")
    private let programs = Mutex([Program]())
    private let controller = Mutex<Program?>(nil)
    private let ports: Mutex<(http: Int, agents: Int)>
    private let surroundings: Surroundings
    private let entrance: Int

    /// The port of the HTTP API, as clients reach it.
    package var httpPort: Int {
        let port = ports.withLock { $0.http }
        return surroundings.controllerPrefix.isEmpty ? port : entrance
    }
    /// The port for agents.
    package var agentsPort: Int { ports.withLock { $0.agents } }

    /// Runs `body` with a running controller, and ends whatever was started.
    ///
    /// - Parameters:
    ///   - settings: further settings of the controller.
    ///   - surroundings: where its programs run.
    ///   - prepare: what to do with the directory before the controller is started.
    ///   - body: the test.
    /// - Throws: what `body` throws; ``DeploymentError`` where the controller does not start.
    package static func with(
        settings: [String: String] = [:],
        surroundings: Surroundings = Surroundings(),
        prepare: (URL) throws -> Void = { _ in },
        _ body: (Deployment) async throws -> Void
    ) async throws {
        let deployment = try await Deployment(in: surroundings)
        do {
            try prepare(deployment.directory)
            try await deployment.makeKey()
            try await deployment.exportJobKeys()
            try await deployment.startController(settings: settings)
            try await body(deployment)
        } catch {
            deployment.showLogs()
            try await deployment.end()
            throw error
        }
        try await deployment.end()
    }

    private init(in surroundings: Surroundings) async throws {
        self.surroundings = surroundings
        let http = try LoopbackPort.free()
        ports = Mutex((http, try LoopbackPort.free()))
        entrance = try surroundings.openHTTP(http)
        directory = FileManager.default.temporaryDirectory.appending(path: "broker-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let base = directory.path
        for arguments in [
            ["certificates", "init", "--authority", "\(base)/ca"],
            [
                "certificates", "server", "--authority", "\(base)/ca", "--out", "\(base)/tls", "--name", "127.0.0.1",
                "--name", surroundings.agentsHost,
            ],
        ] {
            let result = try await Program.run(
                "broker-controller",
                arguments,
                environment: surroundings.certificatesEnvironment,
                in: directory
            )
            guard result.status == 0 else { throw DeploymentError(result.errors) }
        }
        // Not that of the machine on which the tests run.
        try "# Everything may run.\n".write(toFile: "\(base)/agent-policy", atomically: true, encoding: .utf8)
    }

    /// Makes a key that may do everything, with the controller's own command; no controller may be running.
    package func makeKey(_ name: String = "test") async throws {
        let made = try await Program.run(
            "broker-controller",
            ["keys", "create", name, "--state-dir", directory.appending(path: "controller").path],
            in: directory
        )
        guard made.status == 0 else { throw DeploymentError(made.errors) }
        admin.withLock { $0 = made.output.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    // MARK: The controller

    /// Makes the controller's job keys, and gives them to its agents.
    private func exportJobKeys() async throws {
        let base = directory.path
        let result = try await Program.run(
            "broker-controller",
            ["job-keys", "export", "--state-dir", "\(base)/controller", "--out", "\(base)/ca/job-keys"],
            in: directory
        )
        guard result.status == 0 else { throw DeploymentError(result.errors) }
    }

    /// Starts the controller, on the ports of its first start if there was one, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - settings: further settings.
    ///   - environment: what is added to its environment.
    /// - Returns: its process.
    /// - Throws: ``DeploymentError`` where it ends before it is ready.
    @discardableResult
    package func startController(
        settings: [String: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> Program {
        let endpoints = directory.appending(path: "controller/endpoints.json")
        try? FileManager.default.removeItem(at: endpoints)
        let program = try Program(
            "broker-controller",
            controllerArguments(settings),
            within: surroundings.controllerPrefix,
            environment: environment,
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
            guard program.isRunning else { throw DeploymentError("the controller ended") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The controller that was started last.
    package var controllerProgram: Program? { controller.withLock { $0 } }

    /// Ends the controller without warning.
    package func killController() async throws {
        try await controller.withLock { $0 }?.killed()
    }

    /// The command line of the controller, with more settings.
    package func controllerArguments(_ more: [String: String] = [:]) -> [String] {
        let base = directory.path
        let (http, agents) = ports.withLock { $0 }
        var settings = [
            "state_dir": "\(base)/controller", "http.listen": "127.0.0.1:\(http)",
            "http.certificate": "\(base)/tls/controller.pem", "http.key": "\(base)/tls/controller-key.pem",
            "agents.listen": "\(surroundings.agentsHost):\(agents)",
            "agents.certificate": "\(base)/tls/controller.pem", "agents.key": "\(base)/tls/controller-key.pem",
            "authority.directory": "\(base)/ca",
        ]
        settings.merge(more) { $1 }
        return ["serve"] + settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    }

    // MARK: Agents

    /// Starts an agent; its certificate and its ledger are those of its last start, if there was one.
    ///
    /// - Parameters:
    ///   - hostname: its name.
    ///   - labels: its labels, as the setting takes them.
    ///   - address: where it dials, HOST:PORT; nil for the controller itself.
    ///   - prefix: what is put before its command line, to run it somewhere else.
    ///   - more: further settings.
    ///   - environment: what is added to its environment.
    /// - Returns: its process, which may not be connected yet.
    /// - Throws: ``DeploymentError`` where there can be no certificate for it.
    @discardableResult
    package func startAgent(
        _ hostname: String,
        labels: String = "env=test",
        through address: String? = nil,
        within prefix: [String] = [],
        settings more: [String: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> Program {
        try await issueCertificate(for: hostname)
        let base = directory.path
        var settings = [
            "controller": address ?? "\(surroundings.agentsHost):\(agentsPort)",
            "tls.certificate": "\(base)/tls/\(hostname).pem",
            "tls.key": "\(base)/tls/\(hostname)-key.pem", "tls.authority": "\(base)/ca/ca.pem",
            "hostname": hostname, "state_dir": "\(base)/agents/\(hostname)", "labels": labels,
            "policy": "\(base)/agent-policy",
        ]
        settings.merge(more) { $1 }
        let program = try Program(
            "broker-agent",
            settings.flatMap { ["--set", "\($0.key)=\($0.value)"] },
            within: prefix,
            environment: environment,
            log: directory.appending(path: "\(hostname).log")
        )
        programs.withLock { $0.append(program) }
        return program
    }

    /// Makes an agent's certificate, unless it has one.
    package func issueCertificate(for hostname: String) async throws {
        let base = directory.path
        if !FileManager.default.fileExists(atPath: "\(base)/tls/\(hostname).pem") {
            let result = try await Program.run(
                "broker-controller",
                ["certificates", "agent", hostname, "--authority", "\(base)/ca", "--out", "\(base)/tls"],
                environment: surroundings.certificatesEnvironment,
                in: directory
            )
            guard result.status == 0 else { throw DeploymentError(result.errors) }
        }
    }

    /// Starts a program that is ended with the deployment.
    package func start(_ name: String, _ arguments: [String], log: URL) throws -> Program {
        let program = try Program(name, arguments, log: log)
        programs.withLock { $0.append(program) }
        return program
    }

    /// Starts a process with simulated agents.
    @discardableResult
    package func startFleet(of count: Int, failEvery: Int = 0) throws -> Program {
        let program = try Program(
            "broker-bench",
            [
                "fleet", "--controller", "127.0.0.1:\(agentsPort)", "--authority",
                "\(directory.path)/ca", "--agents", "\(count)", "--fail-every", "\(failEvery)",
            ],
            log: directory.appending(path: "fleet.log")
        )
        programs.withLock { $0.append(program) }
        return program
    }

    // MARK: As a user

    /// The environment of the command line.
    package var environment: [String: String] {
        [
            "BROKER_URL": "https://127.0.0.1:\(httpPort)", "BROKER_API_KEY": key,
            "BROKER_CA_FILE": "\(directory.path)/ca/trusted.pem", "HOME": directory.path, "NO_COLOR": "1",
        ]
    }

    /// Runs `broker` to its end.
    package func broker(_ arguments: String..., with more: [String: String] = [:]) async throws -> Program.Result {
        try await Program.run(
            "broker",
            arguments,
            environment: environment.merging(more) { $1 },
            in: directory
        )
    }

    /// Calls `body` with a client of the HTTP API.
    ///
    /// - Parameters:
    ///   - timeout: how long a call may take.
    ///   - port: where it dials; nil for the controller itself.
    ///   - body: the test.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package func withClient<Value>(
        timeout: Duration = .seconds(60),
        through port: Int? = nil,
        _ body: (BrokerClient) async throws -> Value
    ) async throws -> Value {
        let environment = environment
        var configuration = BrokerClientConfiguration(
            url: "https://127.0.0.1:\(port ?? httpPort)",
            key: key,
            caFile: environment["BROKER_CA_FILE"]
        )
        configuration.requestTimeout = timeout
        let client = try BrokerClient(configuration)
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
    package func connected(_ count: Int, _ client: BrokerClient) async throws {
        while try await client.agents(connected: true, limit: 1).totalItems != count {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until a job is as wanted.
    package func job(_ id: JobID, _ client: BrokerClient, when isReached: (Job) -> Bool) async throws -> Job {
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
        if ProcessInfo.processInfo.environment["BROKER_TEST_KEEP"] == "1" {
            return print("kept: \(directory.path)")
        }
        try FileManager.default.removeItem(at: directory)
    }
}

extension BrokerClient {
    /// Submits a shell command, for everybody unless told otherwise.
    package func submitShell(_ command: String, target: String = "_all", deadline: Double? = nil) async throws -> Job {
        try await submit(
            JobRequest(
                operation: OperationRequest(type: "command.shell", data: ["command": .string(command)]),
                target: target,
                deadline: deadline
            )
        )
    }
}
