// SPDX-License-Identifier: Apache-2.0

import Authority
import FoundationEssentials
import Glibc
import JobKeys
import Jobs
import Settings
import Signing
import Synchronization

/// A controller that this program starts, over a directory of its own.
///
/// Through the tunnel it is `broker-controller` as it is installed. Without a tunnel it is this program once more, as
/// `plain-controller`: the product itself has no way to do without TLS.
final class ControllerProcess: Sendable {
    /// How agents reach the controller.
    enum Link: String, Sendable { case tunnel, plain }

    /// What is decided before the start.
    struct Configuration: Sendable {
        var link = Link.tunnel
        /// The HTTP API without TLS, so that it can be compared with a bare server.
        var isHTTPPlain = false
        var maximumAgents = 20_000
    }

    private struct Ports {
        var http = 0
        var agents = 0
    }

    let configuration: Configuration
    let directory: String
    private let process = Mutex<ChildProcess?>(nil)
    private let ports = Mutex(Ports())
    private let secret = Mutex<String?>(nil)

    /// Prepares certificates in `directory`; nothing is started.
    init(_ configuration: Configuration, directory: String) throws {
        self.configuration = configuration
        self.directory = directory
        let manager = FileManager.default
        for name in ["ca", "tls", "state"] {
            try manager.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        let authority = try CertificateAuthority.create(commonName: "broker-bench", now: Date())
        try authority.write(to: "\(directory)/ca")
        let server = try authority.issueServer(names: ["127.0.0.1", "localhost"], now: Date())
        _ = try server.write(to: "\(directory)/tls", name: "controller")
        let keys = try JobKeyDirectory(stateDirectory: "\(directory)/state").openOrCreate().current
        try Data(keys.text.utf8).write(to: URL(filePath: "\(directory)/ca/job-keys"))
    }

    /// The API key; there is one from the first start on.
    var key: String? { secret.withLock { $0 } }
    var pid: pid_t? { process.withLock { $0?.pid } }
    var agentsPort: Int { ports.withLock { $0.agents } }
    var httpPort: Int { ports.withLock { $0.http } }
    var stateDirectory: String { "\(directory)/state" }
    var isHTTPPlain: Bool { configuration.isHTTPPlain || configuration.link == .plain }
    var url: String { "\(isHTTPPlain ? "http" : "https")://127.0.0.1:\(httpPort)" }
    var authorityFile: String { "\(directory)/ca/ca.pem" }
    var jobKeysFile: String { "\(directory)/ca/job-keys" }

    /// Starts it, on the ports of its first start if there was one, and waits until it is ready.
    func start() async throws {
        let endpoints = "\(stateDirectory)/endpoints.json"
        try? FileManager.default.removeItem(atPath: endpoints)
        if key == nil {
            let made = try await SecretKey.make(in: stateDirectory)
            secret.withLock { $0 = made }
        }
        let program = try configuration.link == .tunnel ? ChildProcess.sibling("broker-controller") : "/proc/self/exe"
        let started = try ChildProcess(program, arguments, log: "\(directory)/controller.log")
        process.withLock { $0 = started }
        while true {
            if let data = FileManager.default.contents(atPath: endpoints),
                let json = try? JSON.decode(JSONValue.self, from: data),
                let http = json["http_port"]?.int, let agents = json["agents_port"]?.int
            {
                return ports.withLock { $0 = Ports(http: Int(http), agents: Int(agents)) }
            }
            guard started.isRunning else { throw BenchError("the controller ended: \(lastWords)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Stops it, and waits for its end.
    func stop() async {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        await running?.stop()
    }

    private var lastWords: String {
        let data = FileManager.default.contents(atPath: "\(directory)/controller.log") ?? Data()
        return String(decoding: data.suffix(600), as: UTF8.self)
    }

    private var arguments: [String] {
        let ports = ports.withLock { $0 }
        guard configuration.link == .tunnel else {
            return [
                "plain-controller", "--directory", directory, "--http-port", "\(ports.http)", "--agents-port",
                "\(ports.agents)",
            ]
        }
        var settings = [
            "state_dir=\(stateDirectory)", "http.listen=127.0.0.1:\(ports.http)",
            "http.requests_per_minute=0", "agents.listen=127.0.0.1:\(ports.agents)",
            "agents.certificate=\(directory)/tls/controller.pem", "agents.key=\(directory)/tls/controller-key.pem",
            "agents.authority=\(authorityFile)", "agents.maximum=\(configuration.maximumAgents)", "log.level=warning",
            "history.maximum_age=0",
        ]
        if configuration.isHTTPPlain {
            settings.append("http.insecure=true")
        } else {
            settings += [
                "http.certificate=\(directory)/tls/controller.pem", "http.key=\(directory)/tls/controller-key.pem",
            ]
        }
        return ["serve"] + settings.flatMap { ["--set", $0] }
    }
}
