// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Foundation
import Jobs
import Membership
import Testing

/// How an agent keeps its certificate good.
struct MembershipTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let id = String(repeating: "ab", count: 16)

    private func withFiles(
        split: Bool = false,
        _ body: (CertificateAuthority, MembershipFiles, Membership) throws -> Void
    ) throws {
        let directory = NSTemporaryDirectory() + "broker-membership-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        let key = AgentKey()
        let certificate = try issue(authority, key.certificateRequest(hostname: "web-1"), at: now)
        let together = MembershipFiles(directory: directory)
        let files =
            split
            ? MembershipFiles(
                certificate: directory + "/cert.pem",
                key: directory + "/key.pem",
                authorities: directory + "/ca.pem"
            )
            : together
        try SecretFile.create(files.authorities, with: authority.certificatePEM, mode: 0o644)
        if split {
            try SecretFile.create(files.certificate, with: certificate, mode: 0o644)
            try SecretFile.create(files.key, with: key.pem, mode: 0o600)
        } else {
            try SecretFile.create(files.certificate, with: key.pem + certificate, mode: 0o600)
        }
        try body(authority, files, Membership(files: files, hostname: "web-1"))
    }

    private func issue(_ authority: CertificateAuthority, _ request: [UInt8], at time: Date) throws -> String {
        try authority.issueAgent(
            for: CertificateRequest(der: request),
            agentID: id,
            hostname: "web-1",
            now: time,
            validity: .days(30)
        )
    }

    private var late: Date { now.addingTimeInterval(21 * 86_400) }

    @Test func `nothing is asked for while the certificate is good for long`() throws {
        try withFiles { _, _, membership in
            let request = try membership.certificateRequest(now: now.addingTimeInterval(86_400))
            #expect(request == nil)
        }
    }

    @Test func `a renewed certificate comes with a fresh key, in the one file, for nobody else to read`() throws {
        try withFiles { authority, files, membership in
            let old = try AgentKey(pem: SecretFile.read(files.key))
            let request = try #require(try membership.certificateRequest(now: late))

            let isMore = try membership.take(
                certificate: issue(authority, request, at: late),
                authorities: authority.certificatePEM
            )

            #expect(!isMore)
            let text = try SecretFile.read(files.certificate)
            let key = try AgentKey(pem: text)
            #expect(key.fingerprint != old.fingerprint)
            #expect(try CertificateFacts.all(inPEM: text)[0].keyFingerprint == key.fingerprint)
            let mode = try FileManager.default.attributesOfItem(atPath: files.certificate)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try membership.certificateRequest(now: late) == nil)
        }
    }

    @Test func `where certificate and key are two files, the key stays`() throws {
        try withFiles(split: true) { authority, files, membership in
            let before = try SecretFile.read(files.key)
            let request = try #require(try membership.certificateRequest(now: late))

            _ = try membership.take(
                certificate: issue(authority, request, at: late),
                authorities: authority.certificatePEM
            )

            #expect(try SecretFile.read(files.key) == before)
            #expect(
                try CertificateFacts.first(inFile: files.certificate).notAfter > now.addingTimeInterval(40 * 86_400)
            )
        }
    }

    @Test func `a certificate of another key is refused, and the old files stay`() throws {
        try withFiles { authority, files, membership in
            let before = try SecretFile.read(files.certificate)
            _ = try #require(try membership.certificateRequest(now: late))
            let foreign = try AgentKey().certificateRequest(hostname: "web-1")

            #expect(throws: CredentialsError.self) {
                try membership.take(
                    certificate: issue(authority, foreign, at: late),
                    authorities: authority.certificatePEM
                )
            }
            #expect(throws: CredentialsError.self) {
                try membership.take(certificate: "", authorities: "nonsense")
            }

            #expect(try SecretFile.read(files.certificate) == before)
            #expect(try SecretFile.read(files.authorities) == authority.certificatePEM)
        }
    }

    @Test func `when another authority issues, a certificate of it is asked for at once`() throws {
        try withFiles { old, _, membership in
            let next = try CertificateAuthority.create(commonName: "Next", now: now)
            let both = next.certificatePEM + old.certificatePEM

            let isMore = try membership.take(certificate: "", authorities: both)
            let request = try #require(try membership.certificateRequest(now: now))
            _ = try membership.take(certificate: issue(next, request, at: now), authorities: both)

            #expect(isMore)
            #expect(try membership.certificateRequest(now: now) == nil)
        }
    }

    @Test func `a host does not join in plain text, and makes no key for it`() async throws {
        let directory = NSTemporaryDirectory() + "broker-membership-" + UUID().uuidString
        let request = JoinRequest(
            url: "http://127.0.0.1:1",
            authority: try #require(CertificateFingerprint(String(repeating: "0", count: 64))),
            trustsSystem: false,
            secret: "secret",
            hostname: "web-1",
            files: MembershipFiles(directory: directory)
        )

        let error = await #expect(throws: CredentialsError.self) { try await request.join { _ in } }

        #expect(error?.message.contains("https only") == true)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }
}
