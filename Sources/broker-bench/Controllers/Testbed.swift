// SPDX-License-Identifier: Apache-2.0

import Authority
import BrokerClient
import FoundationEssentials
import Glibc
import Settings
import Signing
import UnixSignals

/// A controller to be measured, and all it takes to speak to it.
struct Testbed: Sendable {
    let link: ControllerProcess.Link
    let client: BrokerClient
    let clientConfiguration: BrokerClientConfiguration
    /// Where agents connect.
    let agents: NetworkAddress
    let authority: CertificateAuthority
    /// Whose signatures agents believe.
    let jobKeys: JobKeySet
    /// For temporary files.
    let directory: String
    /// The controller, if it was started here.
    let own: ControllerProcess?
    private let givenPID: pid_t?

    /// The process of the controller, if it is known.
    var pid: pid_t? { own?.pid ?? givenPID }

    /// Gives `body` a controller, and stops it afterwards if it was started here.
    static func with<Value: Sendable>(
        _ options: ControllerOptions,
        _ body: @escaping @Sendable (Testbed) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.with(parent: options.directory) { directory in
            guard let url = options.url, let address = options.controller.flatMap({ NetworkAddress($0) }),
                let authority = options.authority
            else {
                var configuration = ControllerProcess.Configuration()
                configuration.link = options.link
                return try await with(ControllerProcess(configuration, directory: directory), body)
            }
            let key = ProcessInfo.processInfo.environment["BROKER_API_KEY"]
            let client = BrokerClientConfiguration(url: url, key: key, caFile: authority + "/ca.pem")
            return try await BrokerClient.with(client) { connected in
                try await body(
                    Testbed(
                        link: .tunnel,
                        client: connected,
                        clientConfiguration: client,
                        agents: address,
                        authority: try CertificateAuthority.load(directory: authority),
                        jobKeys: try JobKeySet(readFrom: authority + "/job-keys"),
                        directory: directory,
                        own: nil,
                        givenPID: options.pid
                    )
                )
            }
        }
    }

    /// Starts a controller, gives it to `body`, and stops it.
    static func with<Value: Sendable>(
        _ controller: ControllerProcess,
        _ body: @escaping @Sendable (Testbed) async throws -> Value
    ) async throws -> Value {
        do {
            try await controller.start()
            var client = BrokerClientConfiguration(url: controller.url, key: controller.key)
            if !controller.isHTTPPlain { client.trust = .system(caFile: controller.authorityFile) }
            let value = try await BrokerClient.with(client) { [client] connected in
                try await body(
                    Testbed(
                        link: controller.configuration.link,
                        client: connected,
                        clientConfiguration: client,
                        agents: NetworkAddress(host: "127.0.0.1", port: controller.agentsPort),
                        authority: try CertificateAuthority.load(directory: controller.directory + "/ca"),
                        jobKeys: try JobKeySet(readFrom: controller.jobKeysFile),
                        directory: controller.directory,
                        own: controller,
                        givenPID: nil
                    )
                )
            }
            await controller.stop()
            return value
        } catch {
            await controller.stop()
            throw error
        }
    }
}

extension JobKeySet {
    /// Reads the file that a controller wrote for its agents.
    init(readFrom path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw BenchError("\(path): the controller's job keys cannot be read; see broker-controller job-keys export")
        }
        try self.init(parsing: text)
    }
}

/// A directory that is gone afterwards.
enum TemporaryDirectory {
    /// Calls `body` with a new directory, and ends it on SIGTERM and SIGINT, so that nothing is left behind then either.
    static func with<Value: Sendable>(
        parent: String? = nil,
        _ body: @escaping @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        let directory = "\(parent)/broker-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body(directory) }
            group.addTask {
                for await _ in signals { throw CancellationError() }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
