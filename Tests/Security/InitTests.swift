// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Credentials
import Deployments
import Foundation
import Jobs
import Testing

/// The first start of a controller, as somebody does it who has read the quick start, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct InitTests {
    /// A directory of one test.
    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-init-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        do { try await body(directory) } catch {
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
        try FileManager.default.removeItem(at: directory)
    }

    private func initialise(_ directory: URL, http: Int, _ more: String...) async throws -> Program.Result {
        try await Program.run(
            "broker-controller",
            [
                "init", "--dir", "\(directory.path)/etc", "--state-dir", "\(directory.path)/state", "--http",
                "127.0.0.1:\(http)", "--agents", "127.0.0.1:0",
            ] + more,
            environment: ["HOME": "\(directory.path)/home", "XDG_CONFIG_HOME": ""],
            in: directory
        )
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `after init the controller starts and broker is configured for who ran it`() async throws {
        try await withDirectory { directory in
            let port = try LoopbackPort.free()

            let result = try await initialise(directory, http: port, "--name", "127.0.0.1")

            #expect(result.status == 0, "\(result.errors)")
            let base = directory.path
            for secret in [
                "state/authority/ca-key.pem", "state/tls/controller.pem", "home/.config/broker/config.yaml",
            ] { #expect(try mode("\(base)/\(secret)") == 0o600, "\(secret)") }
            let authority = try CertificateFacts.first(inFile: "\(base)/state/authority/ca.pem")
            #expect(result.output.contains("sha256:\(authority.fingerprint)"))
            let controller = try Program(
                "broker-controller",
                ["serve", "--config", "\(base)/etc/controller.yaml"],
                log: directory.appending(path: "controller.log")
            )
            while !FileManager.default.fileExists(atPath: "\(base)/state/endpoints.json") {
                guard controller.isRunning else { throw DeploymentError("the controller ended") }
                try await Task.sleep(for: .milliseconds(20))
            }
            let status = try await Program.run(
                "broker",
                ["status"],
                environment: ["HOME": "\(base)/home", "XDG_CONFIG_HOME": ""],
                in: directory
            )
            try await controller.killed()
            #expect(status.status == 0, "\(status.errors)")
        }
    }

    @Test func `what is there already is kept: a second init is refused, and an own authority is used`() async throws {
        try await withDirectory { directory in
            let base = directory.path
            let made = try await Program.run(
                "broker-controller",
                ["certificates", "init", "--authority", "\(base)/own"],
                in: directory
            )
            #expect(made.status == 0)
            let own = try CertificateFacts.first(inFile: "\(base)/own/ca.pem")

            let first = try await initialise(directory, http: 0, "--name", "a.example", "--authority", "\(base)/own")
            let settings = try String(contentsOfFile: "\(base)/etc/controller.yaml", encoding: .utf8)
            let second = try await initialise(directory, http: 0)

            #expect(first.status == 0 && first.output.contains(own.fingerprint), "\(first.errors)")
            let certificate = try CertificateFacts.first(inFile: "\(base)/state/tls/controller.pem")
            #expect(certificate.isIssued(by: own) && certificate.names.contains("a.example"))
            #expect(!FileManager.default.fileExists(atPath: "\(base)/state/authority"))
            #expect(second.status == 1 && second.errors.contains("is set up"), "\(second.errors)")
            #expect(try String(contentsOfFile: "\(base)/etc/controller.yaml", encoding: .utf8) == settings)
        }
    }
}
