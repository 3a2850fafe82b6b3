// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Foundation
import Testing

/// How a new authority takes the place of the old one.
struct AuthorityRotationTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func withAuthority(_ body: (String, _ old: CertificateFacts) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/authority"
        try CertificateAuthority.create(commonName: "Old", now: now).write(to: path)
        try body(path, CertificateFacts.first(inFile: path + "/ca.pem"))
        _ = consume directory
    }

    private func trusted(_ path: String) throws -> [String] {
        try CertificateFacts.all(inPEM: TrustedAuthorities.text(directory: path)).map(\.fingerprint)
    }

    @Test func `from the beginning of a rotation the new one issues, and both are trusted`() throws {
        try withAuthority { path, old in
            try AuthorityRotation.begin(directory: path, now: now)

            let new = try CertificateFacts.first(inFile: path + "/ca.pem")
            #expect(new.fingerprint != old.fingerprint)
            #expect(try trusted(path) == [new.fingerprint, old.fingerprint])
            let issued = try CertificateAuthority.load(directory: path).issueAgent(hostname: "web-1", now: now)
            #expect(try CertificateFacts.all(inPEM: issued.certificatePEM)[0].isIssued(by: new))
            // The controller's own certificate is of the one that every host knows.
            let server = AuthorityRotation.serverIssuer(directory: path)
            #expect(try CertificateFacts.first(inFile: server + "/ca.pem").fingerprint == old.fingerprint)
            #expect(throws: AuthorityError.self) { try AuthorityRotation.begin(directory: path, now: now) }
        }
    }

    @Test func `at the end the old one is not trusted, its key is gone, and what it issued is known to be ours`() throws
    {
        try withAuthority { path, old in
            try AuthorityRotation.begin(directory: path, now: now)

            try AuthorityRotation.finish(directory: path)

            let new = try CertificateFacts.first(inFile: path + "/ca.pem")
            #expect(try trusted(path) == [new.fingerprint])
            #expect(AuthorityRotation.serverIssuer(directory: path) == path)
            #expect(!FileManager.default.fileExists(atPath: path + "/previous"))
            let retired = try CertificateFacts.all(inPEM: AuthorityRotation.retired(directory: path))
            #expect(retired.map(\.fingerprint) == [old.fingerprint])
            #expect(throws: AuthorityError.self) { try AuthorityRotation.finish(directory: path) }
        }
    }

    @Test func `a rotation that was cut short anywhere goes on where it was`() throws {
        try withAuthority { path, old in
            // The new authority was made, and the old one is half put aside.
            let new = try CertificateAuthority.create(commonName: "New", now: now)
            try new.write(to: path + "/next")
            try FileManager.default.createDirectory(atPath: path + "/previous", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: path + "/ca-key.pem", toPath: path + "/previous/ca-key.pem")

            try AuthorityRotation.begin(directory: path, now: now)

            let current = try CertificateFacts.first(inFile: path + "/ca.pem")
            #expect(current.pem == new.certificatePEM)
            #expect(try trusted(path) == [current.fingerprint, old.fingerprint])
            #expect(try CertificateAuthority.load(directory: path + "/previous").certificatePEM == old.pem)
            #expect(!FileManager.default.fileExists(atPath: path + "/next"))
        }
    }
}
