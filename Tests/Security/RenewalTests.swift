// SPDX-License-Identifier: Apache-2.0

import Authority
import BrokerClient
import Credentials
import Deployments
import Foundation
import Jobs
import Testing

/// Certificates that end and are renewed while work goes on, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RenewalTests {
    @Test func `an agent renews certificate and key while jobs go on, and none is lost`() async throws {
        // Shorter than anybody would have it: the link is cut each time that a certificate ends.
        try await Deployment.with(settings: ["authority.agent_validity": "10s"]) { deployment in
            let joined = try await deployment.join("web-1", try await deployment.joinToken())
            #expect(joined.status == 0, "\(joined.errors)")
            let host = deployment.host("web-1")
            let first = try CertificateFacts.first(inFile: host.identity.path)
            try deployment.startJoined("web-1", settings: ["tls.check_interval": "1s"])
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let shown = try await client.agent("web-1")
                let agent = shown.id
                #expect(shown.certificateExpiresAt?.milliseconds == first.notAfter.milliseconds)
                let told = try await deployment.broker("agents", "get", "web-1")
                #expect(told.output.contains("certificate until"), "\(told.output)")
                var jobs: [JobID] = []
                // Past the end of the first certificate, and of one more.
                while Date() < first.notAfter.addingTimeInterval(12) {
                    jobs.append(try await client.submitShell("sleep 0.3").id)
                    try await Task.sleep(for: .milliseconds(400))
                }

                for job in jobs {
                    let end = try await deployment.job(job, client) { $0.status.isTerminal }
                    #expect(end.status == .completed)
                }
                let later = try await client.agent("web-1")
                #expect(later.id == agent)
                #expect((later.certificateExpiresAt?.milliseconds ?? 0) > first.notAfter.milliseconds)
                #expect(try await client.agents().totalItems == 1)
            }
            let last = try CertificateFacts.first(inFile: host.identity.path)
            #expect(last.notAfter > first.notAfter.addingTimeInterval(10))
            #expect(last.keyFingerprint != first.keyFingerprint)
        }
    }

    @Test func `the controller renews its own certificate, shows the new one, and drops nobody`() async throws {
        try await Deployment.with { deployment in
            try await deployment.killController()
            let base = deployment.directory.path
            // One that has a week of its ninety days left.
            let authority = try CertificateAuthority.load(directory: "\(base)/ca")
            let issued = try authority.issueServer(
                names: ["127.0.0.1"],
                now: Date(timeIntervalSinceNow: -83 * 86_400),
                validity: .days(90)
            )
            try issued.write(to: "\(base)/tls", name: "controller")
            let old = try CertificateFacts.first(inFile: "\(base)/tls/controller.pem")
            try await deployment.startController(settings: ["authority.check_interval": "8s"])
            // Renewed at the start; made old again while an agent is connected, it is renewed at the next look.
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                try issued.write(to: "\(base)/tls", name: "controller")
                let log = deployment.directory.appending(path: "controller.log")
                while try CertificateFacts.first(inFile: "\(base)/tls/controller.pem").notAfter == old.notAfter {
                    try await Task.sleep(for: .milliseconds(50))
                }

                let shown = try await certificate(at: deployment.httpPort)
                let new = try CertificateFacts.first(inFile: "\(base)/tls/controller.pem")
                #expect(shown == new.fingerprint)
                #expect(try await certificate(at: deployment.agentsPort) == new.fingerprint)
                #expect(new.names == ["127.0.0.1"] && new.notAfter > Date(timeIntervalSinceNow: 80 * 86_400))
                let text = try String(contentsOf: log, encoding: .utf8)
                #expect(!text.contains("agent disconnected"))
                let job = try await client.submitShell("true")
                #expect(try await deployment.job(job.id, client) { $0.status.isTerminal }.status == .completed)
            }
        }
    }

    /// The fingerprint of the certificate that a port shows.
    private func certificate(at port: Int) async throws -> String {
        let pem = try await OpenSSL.run(["s_client", "-connect", "127.0.0.1:\(port)", "-showcerts"]).output
        return try CertificateFacts.all(inPEM: pem)[0].fingerprint
    }
}

extension Date {
    /// Milliseconds since 1970, as records have times.
    fileprivate var milliseconds: Int64 { Int64(timeIntervalSince1970 * 1000) }
}
