// SPDX-License-Identifier: Apache-2.0

import Authority
import Deployments
import Foundation
import Testing

private let openssl = "/usr/bin/openssl"

/// What another implementation makes of our certificates.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs openssl"))
struct OpenSSLAgreementTests {
    @Test(arguments: [("agent", "sslclient"), ("server", "sslserver")])
    func `openssl verifies a certificate for its purpose`(name: String, purpose: String) async throws {
        let directory = try makeCertificates()

        let result = try await run([
            "verify", "-x509_strict", "-purpose", purpose, "-CAfile", directory.path + "/ca.pem",
            directory.path + "/" + name + ".pem",
        ])

        #expect(result.status == 0, "\(result)")
    }

    @Test(arguments: [("server", "sslclient"), ("agent", "sslserver")])
    func `openssl refuses a certificate for the other purpose`(name: String, purpose: String) async throws {
        let directory = try makeCertificates()

        let result = try await run([
            "verify", "-purpose", purpose, "-CAfile", directory.path + "/ca.pem", directory.path + "/" + name + ".pem",
        ])

        #expect(result.status != 0)
    }

    @Test func `openssl matches the names of the server`() async throws {
        let directory = try makeCertificates()
        let verify = ["verify", "-CAfile", directory.path + "/ca.pem"]
        let file = directory.path + "/server.pem"

        #expect(try await run(verify + ["-verify_hostname", "controller.example.org", file]).status == 0)
        #expect(try await run(verify + ["-verify_ip", "127.0.0.1", file]).status == 0)
        #expect(try await run(verify + ["-verify_hostname", "other.example.org", file]).status != 0)
    }

    @Test func `openssl reads the private key`() async throws {
        let directory = try makeCertificates()

        let result = try await run(["pkey", "-in", directory.path + "/agent-key.pem", "-noout", "-check"])

        #expect(result.status == 0, "\(result)")
    }

    private func makeCertificates() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Test authority", now: Date())
        try authority.write(to: directory.path)
        try authority.issueAgent(hostname: "web-1", now: Date()).write(to: directory.path, name: "agent")
        try authority.issueServer(names: ["controller.example.org", "127.0.0.1"], now: Date())
            .write(to: directory.path, name: "server")
        return directory
    }

    private func run(_ arguments: [String]) async throws -> ChildProcess.Result {
        try await ChildProcess.run(openssl, arguments)
    }
}
