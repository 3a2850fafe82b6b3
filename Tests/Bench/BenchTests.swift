// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Jobs
import Testing

/// Each subcommand of `broker-bench` at a tiny size: that it works, not how fast anything is.
@Suite(.serialized, .timeLimit(.minutes(10))) struct BenchTests {
    @Test(arguments: [
        ["dispatch", "--agents", "5", "--rounds", "2"],
        ["dispatch", "--agents", "5", "--rounds", "2", "--plain"],
        ["dispatch", "--processes", "2", "--rounds", "2", "--operation", "command.exec"],
        ["submit", "--jobs", "30", "--submitters", "4", "--agents", "3"],
        ["ingest", "--agents", "5", "--jobs", "3", "--rounds", "1"],
        ["ingest", "--agents", "5", "--jobs", "3", "--rounds", "2", "--plain"],
        ["list", "--jobs", "60", "--wide", "20", "--requests", "5", "--duration", "100ms"],
        ["connect", "--agents", "5"],
        ["connect", "--agents", "5", "--plain"],
        ["soak", "--agents", "3", "--duration", "1s"],
        ["ceiling", "--agents", "5", "--rounds", "2"],
    ])
    func `a subcommand tells its figures as JSON`(_ arguments: [String]) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        let result = try await Program.run("broker-bench", arguments + ["-o", "json"], in: directory)

        try #require(result.status == 0, "\(result.errors)")
        let figures = try JSON.decode(JSONValue.self, from: Data(result.output.utf8))
        #expect(figures["bench"]?.string == arguments[0])
        #expect(figures["parameters"]?.object?.isEmpty == false)
        let results = try #require(figures["results"]?.object)
        #expect(!results.isEmpty && results.values.allSatisfy { $0.number.map { $0.isFinite } == true })
        #expect((figures["machine"]?["cpus"]?.int ?? 0) > 0)
        #expect(figures["machine"]?["build"]?.string?.isEmpty == false)
    }

    @Test func `a controller that runs already can be measured`() async throws {
        try await Deployment.with { deployment in
            let result = try await Program.run(
                "broker-bench",
                [
                    "dispatch", "--agents", "3", "--rounds", "2", "-o", "json", "--url",
                    "https://127.0.0.1:\(deployment.httpPort)", "--controller", "127.0.0.1:\(deployment.agentsPort)",
                    "--authority", "\(deployment.directory.path)/ca",
                ],
                environment: deployment.environment,
                in: deployment.directory
            )

            try #require(result.status == 0, "\(result.errors)")
            let figures = try JSON.decode(JSONValue.self, from: Data(result.output.utf8))
            #expect(figures["parameters"]?["agents"]?.int == 3)
        }
    }
}
