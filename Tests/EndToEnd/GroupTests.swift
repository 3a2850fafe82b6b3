// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Results of many hosts at a glance, and the output of one of them, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct GroupTests {
    private static let command = """
        head -c 300000 /dev/zero | tr '\\0' x; test $BROKER_HOSTNAME != web-2 || echo odd; printf '\\377\\n' >&2
        """

    @Test func `the host whose output differs is shown first, and its bytes are there as it wrote them`() async throws {
        try await Deployment.with(agents: ["web-1", "web-2", "web-3"]) { deployment, client, _ in
            let job = try await client.submitShell(Self.command)
            _ = try await deployment.end(of: job.id, client)

            let groups = try await client.groups(of: job.id).items

            #expect(groups.map(\.count) == [1, 2], "\(groups)")
            #expect(groups.map(\.sampleHostnames) == [["web-2"], ["web-1", "web-3"]])
            #expect(groups.allSatisfy { $0.status == .completed && $0.exitCode == 0 && $0.changed == true })
            let digest = try #require(groups.first?.digest)
            let runs = try await client.runs(of: job.id, RunFilter(result: .digest(digest))).items
            #expect(runs.map(\.hostname) == ["web-2"])

            let output = try await client.output(of: job.id, on: "web-2")
            #expect(output.totalBytes == 300_004 && output.isTruncated && output.isText)
            #expect(output.bytes.suffix(5) == Array("xodd\n".utf8)[...])
            let errors = try await client.output(of: job.id, on: "web-2", .stderr)
            #expect(errors.bytes == [0xFF, 0x0A] && !errors.isText && !errors.isTruncated)

            let table = try await deployment.broker("jobs", "get", "\(job.id)", "--group")
            let lines = table.output.split(separator: "\n")
            #expect(lines.count == 3 && lines[1].contains("web-2") && lines[2].contains("web-1 web-3"), "\(table)")
            let listed = try await deployment.broker("jobs", "runs", "\(job.id)", "--digest", digest.description)
            #expect(listed.output.contains("web-2") && !listed.output.contains("web-1"), "\(listed)")
        }
    }
}
