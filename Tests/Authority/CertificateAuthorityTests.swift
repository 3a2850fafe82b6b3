// SPDX-License-Identifier: Apache-2.0

import Authority
import Foundation
import SwiftASN1
import Testing
import X509

/// A directory of one test, gone when the test is over.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "broker-authority-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func mode(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int
    }
}

struct CertificateAuthorityTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `an authority that was written is the same when it is read`() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)

        try authority.write(to: directory.path + "/deep/er")
        let loaded = try CertificateAuthority.load(directory: directory.path + "/deep/er")

        #expect(loaded.certificatePEM == authority.certificatePEM)
        #expect(try directory.mode(of: "deep/er/ca-key.pem") == 0o600)
    }

    @Test func `an authority is never overwritten`() throws {
        let directory = try TemporaryDirectory()
        try CertificateAuthority.create(commonName: "First", now: now).write(to: directory.path)
        let before = try String(contentsOfFile: directory.path + "/ca-key.pem", encoding: .utf8)

        let error = #expect(throws: AuthorityError.self) {
            try CertificateAuthority.create(commonName: "Second", now: now).write(to: directory.path)
        }

        #expect(error?.code == .authorityExists)
        #expect(try String(contentsOfFile: directory.path + "/ca-key.pem", encoding: .utf8) == before)
    }

    @Test func `an authority whose key belongs to another is refused`() throws {
        let directory = try TemporaryDirectory()
        try CertificateAuthority.create(commonName: "First", now: now).write(to: directory.path + "/a")
        try CertificateAuthority.create(commonName: "Second", now: now).write(to: directory.path + "/b")
        try FileManager.default.removeItem(atPath: directory.path + "/a/ca-key.pem")
        try FileManager.default.copyItem(
            atPath: directory.path + "/b/ca-key.pem",
            toPath: directory.path + "/a/ca-key.pem"
        )

        let error = #expect(throws: AuthorityError.self) {
            try CertificateAuthority.load(directory: directory.path + "/a")
        }

        #expect(error?.code == .invalidAuthority)
    }

    @Test func `a leaf certificate cannot serve as an authority`() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        try authority.issueAgent(hostname: "a", now: now).write(to: directory.path, name: "ca")

        let error = #expect(throws: AuthorityError.self) { try CertificateAuthority.load(directory: directory.path) }

        #expect(error?.code == .invalidAuthority)
    }

    @Test func `a missing authority says which file is missing`() throws {
        let error = #expect(throws: AuthorityError.self) { try CertificateAuthority.load(directory: "/nonexistent") }

        #expect(error?.code == .file)
        #expect(error?.message.contains("/nonexistent/ca.pem") == true)
    }

    @Test func `the authority may sign leaves only`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        let certificate = try Certificate(pemEncoded: authority.certificatePEM)

        #expect(try certificate.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try certificate.extensions.keyUsage?.keyCertSign == true)
        #expect(certificate.notValidBefore < now)
        #expect(certificate.notValidAfter > now.addingTimeInterval(9 * 365 * 86_400))
    }

    @Test func `a server certificate names hosts and addresses`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)

        let issued = try authority.issueServer(names: ["controller.example.org", "10.1.2.3", "::1"], now: now)

        let certificate = try Certificate(pemEncoded: issued.certificatePEM)
        let names = try #require(try certificate.extensions.subjectAlternativeNames)
        #expect(
            Array(names) == [
                .dnsName("controller.example.org"),
                .ipAddress(ASN1OctetString(contentBytes: [10, 1, 2, 3])),
                .ipAddress(ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
            ]
        )
        #expect(try certificate.extensions.extendedKeyUsage.map(Array.init) == [.serverAuth])
        #expect(issued.privateKeyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test func `an agent certificate carries the hostname and is for clients only`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)

        let issued = try authority.issueAgent(hostname: "web-1.example.org", now: now, validity: .days(30))

        let certificate = try Certificate(pemEncoded: issued.certificatePEM)
        #expect(String(describing: certificate.subject) == "CN=web-1.example.org")
        #expect(try certificate.extensions.subjectAlternativeNames.map(Array.init) == [.dnsName("web-1.example.org")])
        #expect(try certificate.extensions.extendedKeyUsage.map(Array.init) == [.clientAuth])
        #expect(certificate.notValidAfter == now.addingTimeInterval(30 * 86_400))
        #expect(certificate.notValidBefore == now.addingTimeInterval(-300))
    }

    @Test func `a certificate does not outlive its authority`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now, validity: .days(10))

        let issued = try authority.issueAgent(hostname: "a", now: now, validity: .days(365))

        #expect(try Certificate(pemEncoded: issued.certificatePEM).notValidAfter == now.addingTimeInterval(864_000))
    }

    @Test(arguments: ["", "a..b", "white space", "ümlaut", "a/b", String(repeating: "a", count: 64), "10.0.0.1/24"])
    func `a name that cannot be one is refused`(name: String) throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)

        let agent = #expect(throws: AuthorityError.self) { try authority.issueAgent(hostname: name, now: now) }
        let server = #expect(throws: AuthorityError.self) { try authority.issueServer(names: [name], now: now) }

        #expect(agent?.code == .invalidName)
        #expect(server?.code == .invalidName)
    }

    @Test func `a renewed certificate replaces the files and keeps the key private`() throws {
        let directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        let first = try authority.issueAgent(hostname: "a", now: now)
        let second = try authority.issueAgent(hostname: "a", now: now)

        try first.write(to: directory.path, name: "agent")
        let files = try second.write(to: directory.path, name: "agent")

        #expect(try String(contentsOfFile: files.certificate, encoding: .utf8) == second.certificatePEM)
        #expect(try String(contentsOfFile: files.privateKey, encoding: .utf8) == second.privateKeyPEM)
        #expect(try directory.mode(of: "agent-key.pem") == 0o600)
        #expect(try directory.mode(of: "agent.pem") == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).count == 2)
    }
}
