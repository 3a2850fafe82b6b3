// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Deployments
import Foundation
import SwiftASN1
import Testing
import X509

struct CertificateRequestTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `a certificate is for the key of the request, and its name and id are the controller's to say`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        let key = AgentKey()
        let request = try CertificateRequest(pem: key.certificateRequestPEM(hostname: "liar"))
        let id = String(repeating: "ab", count: 16)

        let pem = try authority.issueAgent(
            for: request,
            agentID: id,
            hostname: "web-1",
            now: now,
            validity: .days(30)
        )

        let certificate = try Certificate(pemEncoded: pem)
        let names = try #require(try certificate.extensions.subjectAlternativeNames)
        #expect(Array(names) == [.dnsName("web-1"), .uniformResourceIdentifier("urn:broker:agent:\(id)")])
        #expect(certificate.subject.description == "CN=web-1")
        let facts = try CertificateFacts.all(inPEM: pem)[0]
        #expect(facts.keyFingerprint == key.fingerprint && request.fingerprint == key.fingerprint)
        #expect(facts.isIssued(by: try CertificateFacts.all(inPEM: authority.certificatePEM)[0]))
        #expect(facts.notAfter == now.addingTimeInterval(30 * 86_400))
    }

    @Test func `a request that is not signed with its own key is refused`() throws {
        var bytes = try AgentKey().certificateRequest(hostname: "web-1")
        // The last byte of the signature.
        bytes[bytes.count - 1] ^= 1

        let error = #expect(throws: AuthorityError.self) { try CertificateRequest(der: bytes) }

        #expect(error?.code == .invalidRequest)
    }

    @Test func `a request with another's key put in is refused`() throws {
        let mine = try AgentKey().certificateRequest(hostname: "web-1")
        let other = AgentKey()
        let theirs = try CertificateSigningRequest(derEncoded: other.certificateRequest(hostname: "web-1"))
        let request = try CertificateSigningRequest(derEncoded: mine)
        let forged = try CertificateSigningRequest(
            version: .v1,
            subject: request.subject,
            publicKey: theirs.publicKey,
            attributes: request.attributes,
            signatureAlgorithm: request.signatureAlgorithm,
            signature: request.signature
        )
        var serializer = DER.Serializer()
        try serializer.serialize(forged)

        #expect(throws: AuthorityError.self) { try CertificateRequest(der: serializer.serializedBytes) }
    }

    @Test(arguments: ["", "no PEM", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"])
    func `what is no request is refused`(text: String) {
        let error = #expect(throws: AuthorityError.self) { try CertificateRequest(pem: text) }

        #expect(error?.code == .invalidRequest)
    }

    @Test func `openssl takes the request of an agent for a good one`() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/agent.csr"
        try AgentKey().certificateRequestPEM(hostname: "web-1").write(toFile: file, atomically: true, encoding: .utf8)

        let result = try await ChildProcess.run("/usr/bin/openssl", ["req", "-in", file, "-noout", "-verify"])

        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func `a certificate is due when a third of its life is left`() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", now: now)
        let issued = try authority.issueAgent(hostname: "web-1", now: now, validity: .days(30))
        let facts = try CertificateFacts.all(inPEM: issued.certificatePEM)[0]

        #expect(!facts.isDue(now: now.addingTimeInterval(19 * 86_400)))
        #expect(facts.isDue(now: now.addingTimeInterval(20 * 86_400)))
    }
}

extension CertificateRequestTests {
    @Test func `random and mutated requests never trap, and none with another key is taken`() throws {
        let key = AgentKey()
        let good = try key.certificateRequest(hostname: "web-1")
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4) where !bytes.isEmpty {
                switch Int.random(in: 0..<4) {
                case 0: bytes[Int.random(in: bytes.indices)] = UInt8.random(in: 0...255)
                case 1: bytes.remove(at: Int.random(in: bytes.indices))
                case 2: bytes.insert(UInt8.random(in: 0...255), at: Int.random(in: bytes.indices))
                default: bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count)))
                }
            }

            let taken = try? CertificateRequest(der: bytes)

            #expect(taken == nil || taken?.fingerprint == key.fingerprint)
        }
    }
}
