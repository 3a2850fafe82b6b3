// SPDX-License-Identifier: Apache-2.0

import Authority
import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Who gets to the controller's agents' port, and who does not, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct TransportTests {
    /// Agents with something wrong about their certificate.
    enum Impostor: String, CaseIterable, CustomTestStringConvertible {
        case foreignAuthority
        case expired
        case serverCertificate

        var testDescription: String { rawValue }

        func issue(by ours: CertificateAuthority) throws -> IssuedCertificate {
            switch self {
            case .foreignAuthority:
                try CertificateAuthority.create(commonName: "Foreign", now: Date())
                    .issueAgent(hostname: "web-2", now: Date())
            case .expired:
                try ours.issueAgent(
                    hostname: "web-2",
                    now: Date(timeIntervalSinceNow: -20 * 86_400),
                    validity: .days(10)
                )
            case .serverCertificate: try ours.issueServer(names: ["web-2"], now: Date())
            }
        }
    }

    @Test(arguments: Impostor.allCases)
    func `an agent without a good certificate stays outside, and others notice nothing`(
        impostor: Impostor
    )
        async throws
    {
        try await Deployment.with { deployment in
            let base = deployment.directory.path
            try await deployment.startAgent("web-1")
            let issued = try impostor.issue(by: CertificateAuthority.load(directory: "\(base)/ca"))
            try issued.write(to: "\(base)/tls", name: "web-2")

            try await deployment.startAgent("web-2")

            try await deployment.said("client refused", in: deployment.directory.appending(path: "controller.log"))
            try await deployment.said("refuses this host's certificate", in: deployment.host("web-2").log)
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                #expect(try await client.agents().items.map(\.hostname) == ["web-1"])
                let job = try await client.submitShell("true")
                #expect(try await deployment.job(job.id, client) { $0.status.isTerminal }.status == .completed)
            }
        }
    }

    @Test func `an agent trusts no controller of another authority`() async throws {
        try await Deployment.with { deployment in
            let base = deployment.directory.path
            try CertificateAuthority.create(commonName: "Foreign", now: Date()).write(to: "\(base)/foreign")

            try await deployment.startAgent(
                "web-1",
                settings: ["tls.authority": "\(base)/foreign/ca.pem", "jobs.keys": "\(base)/ca/job-keys"]
            )

            try await deployment.said("certificate not trusted", in: deployment.host("web-1").log)
            let known = try await deployment.withClient { try await $0.agents().totalItems }
            #expect(known == 0)
        }
    }

    @Test func `a copy of an agent's key gets no session beside the agent's, and it is told of`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let base = deployment.directory.path
                let clone = try deployment.start(
                    "broker-agent",
                    [
                        "controller=127.0.0.1:\(deployment.agentsPort)", "tls.certificate=\(base)/tls/web-1.pem",
                        "tls.key=\(base)/tls/web-1-key.pem", "tls.authority=\(base)/ca/ca.pem", "hostname=web-1",
                        "state_dir=\(base)/agents/clone",
                    ].flatMap { ["--set", $0] },
                    log: deployment.directory.appending(path: "clone.log")
                )

                try await deployment.said("already_connected", in: deployment.directory.appending(path: "clone.log"))

                let log = try String(
                    contentsOf: deployment.directory.appending(path: "controller.log"),
                    encoding: .utf8
                )
                #expect(log.contains("another process with the key of web-1 is connected"))
                #expect(try await client.status()["refusals"]?["already_connected"]?.int ?? 0 >= 1)
                for _ in 0..<5 {
                    let job = try await client.submitShell("echo $$ >> \(base)/runs; echo $BROKER_HOSTNAME")
                    #expect(try await deployment.job(job.id, client) { $0.status.isTerminal }.status == .completed)
                }
                #expect(clone.isRunning)
                let ledger = try Data(contentsOf: URL(filePath: "\(base)/agents/clone/ledger.sqlite"))
                #expect(ledger.range(of: Data("echo $BROKER_HOSTNAME".utf8)) == nil)
            }
        }
    }

    @Test func `of two agents of one name the second is refused while the first is connected`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let first = try await client.agent("web-1").id
                let base = deployment.directory.path
                let issued = try CertificateAuthority.load(directory: "\(base)/ca")
                    .issueAgent(hostname: "web-1", now: Date())
                try issued.write(to: "\(base)/tls", name: "second")

                try await deployment.startAgent("second", settings: ["hostname": "web-1"])

                try await deployment.said("hostname_taken", in: deployment.host("second").log)
                #expect(try await client.agents().items.map(\.id) == [first])
            }
        }
    }

    @Test func `an agent may not call its host as another's certificate says`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1", settings: ["hostname": "db-1"])

            try await deployment.said("hostname_mismatch", in: deployment.host("web-1").log)

            let known = try await deployment.withClient { try await $0.agents().totalItems }
            #expect(known == 0)
        }
    }

    // MARK: Versions and ciphers

    @Test(arguments: [
        ["-tls1"], ["-tls1_1"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384"],
        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256:AES128-SHA"],
    ])
    func `old TLS and weak ciphers are refused on both ports`(options: [String]) async throws {
        try await Deployment.with { deployment in
            try await deployment.issueCertificate(for: "web-1")
            let tls = "\(deployment.directory.path)/tls"
            let identity = ["-cert", "\(tls)/web-1.pem", "-key", "\(tls)/web-1-key.pem"]
            for port in [deployment.httpPort, deployment.agentsPort] {
                let arguments = ["s_client", "-connect", "127.0.0.1:\(port)"] + identity
                // The lowest level of security, or OpenSSL itself would refuse to try.
                let weak = options.contains("-cipher") ? options : options + ["-cipher", "ALL:@SECLEVEL=0"]

                let refused = try await OpenSSL.run(arguments + weak)
                let taken = try await OpenSSL.run(
                    arguments + ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]
                )

                #expect(refused.output.contains("Cipher is (NONE)"), "\(refused.output)")
                #expect(taken.output.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"), "\(taken.errors)")
            }
        }
    }

    // MARK: Before the handshake

    @Test func `who speaks before he has proven himself is hung up on, and nothing reaches nng`() async throws {
        try await Deployment.with { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                // The hand-shake of nng's REQ, and a message behind it.
                let hello: [UInt8] = [0, 0x53, 0x50, 0, 0, 0x30, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 6, 0x80, 0, 0, 1, 8, 1]
                for isEncrypted in [false, true] {
                    let answer = try await Stranger.say(hello, to: deployment.agentsPort, inTLS: isEncrypted)
                    // In plain text there is nothing but an alert of TLS (type 21); in TLS nothing at all.
                    #expect(answer.isEmpty || answer.first == 21, "\(answer)")
                }

                let refusals = try await client.status()["refusals"]
                #expect(refusals?["malformed"]?.int == 0 && refusals?["unidentified"]?.int == 0)
                try await deployment.connected(1, client)
            }
        }
    }
}
