// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Credentials
import Deployments
import Foundation
import Jobs
import Testing

/// A new authority in the place of the old one while work goes on, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RotationTests {
    @Test func `the authority is replaced while jobs go on, and hosts that were away come back`() async throws {
        try await Deployment.with(settings: ["authority.check_interval": "500ms"]) { deployment in
            let often = ["tls.check_interval": "1s"]
            for name in ["web-1", "web-2", "late"] {
                #expect(try await deployment.join(name, try await deployment.joinToken()).status == 0)
            }
            try deployment.startJoined("web-1", settings: often)
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let agent = try await client.agent("web-1").id
                var jobs = [try await client.submitShell("sleep 2", target: "web-1").id]

                try await command("rotate", deployment)
                let new = try CertificateFacts.first(inFile: "\(deployment.directory.path)/ca/ca.pem")
                jobs.append(try await client.submitShell("true", target: "web-1").id)
                try await certified("web-1", by: new, deployment)
                // It was away, and knows the old authority alone; so does one that joins now.
                try deployment.startJoined("web-2", settings: often)
                try await certified("web-2", by: new, deployment)
                let joined = try await deployment.join("web-3", try await deployment.joinToken())
                #expect(joined.status == 0, "\(joined.errors)")
                try deployment.startJoined("web-3", settings: often)
                try await certified("web-3", by: new, deployment)
                try await deployment.connected(3, client)

                try await command("retire", deployment)
                try await controllerShows(new, deployment)
                for job in jobs {
                    #expect(try await deployment.job(job, client) { $0.status.isTerminal }.status == .completed)
                }
                #expect(try await client.agent("web-1").id == agent)
            }

            // All links are made anew, under the new authority alone.
            try await deployment.killController()
            try await deployment.startController()
            try await deployment.withClient { client in
                try await deployment.connected(3, client)
                let job = try await client.submitShell("true", target: "_all")
                #expect(try await deployment.job(job.id, client) { $0.status.isTerminal }.status == .completed)
                try deployment.startJoined("late")
                try await deployment.said("certificate not trusted", in: deployment.host("late").log)
                #expect(try await client.agents(connected: true).totalItems == 3)
            }
        }
    }

    private func command(_ name: String, _ deployment: Deployment) async throws {
        let authority = "\(deployment.directory.path)/ca"
        let result = try await Program.run(
            "broker-controller",
            ["authority", name, "--authority", authority],
            in: deployment.directory
        )
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Waits until a host has a certificate of an authority.
    private func certified(_ name: String, by authority: CertificateFacts, _ deployment: Deployment) async throws {
        while try !CertificateFacts.first(inFile: deployment.host(name).identity.path).isIssued(by: authority) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until the controller has a certificate of an authority.
    private func controllerShows(_ authority: CertificateFacts, _ deployment: Deployment) async throws {
        let file = deployment.directory.appending(path: "tls/controller.pem").path
        while try !CertificateFacts.first(inFile: file).isIssued(by: authority) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
