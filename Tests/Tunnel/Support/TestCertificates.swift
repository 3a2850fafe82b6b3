// SPDX-License-Identifier: Apache-2.0

import Authority
import Foundation
import Tunnel

/// Certificates of one authority in a directory of their own, gone with the value.
final class TestCertificates: Sendable {
    let authority: CertificateAuthority
    let directory: String

    init(name: String = "Test") throws {
        authority = try CertificateAuthority.create(commonName: name, now: Date())
        directory = NSTemporaryDirectory() + "broker-tunnel-" + UUID().uuidString
        try authority.write(to: directory)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var authorityFile: String { directory + "/" + CertificateAuthority.certificateFile }

    func server(names: [String] = ["localhost", "127.0.0.1"]) throws -> TLSFiles {
        try files(authority.issueServer(names: names, now: Date()))
    }

    func agent(_ hostname: String = "web-1", issued: Date = Date(), days: Int = 30) throws -> TLSFiles {
        try files(authority.issueAgent(hostname: hostname, now: issued, validity: .days(days)))
    }

    private func files(_ issued: IssuedCertificate) throws -> TLSFiles {
        let written = try issued.write(to: directory, name: UUID().uuidString)
        return TLSFiles(
            certificateChain: written.certificate,
            privateKey: written.privateKey,
            authorities: authorityFile
        )
    }
}
