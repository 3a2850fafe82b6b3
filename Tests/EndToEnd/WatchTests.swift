// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// `broker jobs watch` beside a controller that comes and goes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct WatchTests {
    /// The lines of JSON that a program has written; what it said besides is left out.
    private func lines(_ deployment: Deployment, _ name: String) -> [JSONValue] {
        deployment.text(name).split(separator: "\n").compactMap { try? JSONText.parse(Array($0.utf8)) }
    }

    private func watch(_ deployment: Deployment, _ arguments: String..., to name: String) throws -> Program {
        try Program(
            "broker",
            ["jobs", "watch"] + arguments + ["-o", "ndjson"],
            environment: deployment.environment,
            log: deployment.directory.appending(path: name)
        )
    }

    @Test func `the watch of a job goes on over a restart of the controller, and ends as the job does`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let flag = deployment.path("go")
            let job = try await client.submit(shell: "until test -e \(flag); do sleep 0.05; done; exit 3")
            let watch = try watch(deployment, "\(job.id)", to: "watch.out")
            while !lines(deployment, "watch.out").contains(where: { $0["status"] == "processing" }) {
                try await Task.sleep(for: .milliseconds(20))
            }

            try await deployment.killController()
            try deployment.touch("go")
            try await deployment.startController()

            #expect(try await watch.ended() == 4, "\(deployment.text("watch.out"))")
            let told = lines(deployment, "watch.out")
            #expect(told.last?["status"] == "failed" && told.last?["runs"]?.array?.count == 1)
            #expect(told.dropLast().allSatisfy { $0["timeline"] == nil })
            #expect(told.last?["timeline"]?.array?.last?["event"] == "failed")
        }
    }

    @Test func `the watch of all jobs misses no line over a restart, and tells none twice`() async throws {
        try await Deployment.with(agents: ["web-1"]) { deployment, client, _ in
            let watch = try watch(deployment, to: "all.out")
            // From the first line on it is known to be there.
            while lines(deployment, "all.out").isEmpty {
                _ = try await deployment.end(of: client.ping("web-1").id, client)
            }

            var jobs = [try await client.ping("web-1")]
            try await deployment.killController()
            try await deployment.startController()
            jobs.append(try await client.ping("web-1"))
            var expected: [String] = []
            for job in jobs {
                let ended = try await deployment.end(of: job.id, client)
                expected += (ended.timeline ?? []).map { "\(job.id) \($0.event.rawValue)" }
            }
            func told() -> [String] {
                lines(deployment, "all.out").map { line in
                    "\(line["job_id"]?.string ?? "") \(line["line"]?["event"]?.string ?? "")"
                }.filter { line in jobs.contains { line.hasPrefix("\($0.id)") } }
            }
            while told().count < expected.count { try await Task.sleep(for: .milliseconds(20)) }

            #expect(told().sorted() == expected.sorted())
            watch.signal(SIGINT)
            #expect(try await watch.ended() == 130)
        }
    }
}
