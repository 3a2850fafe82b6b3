// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Testing

/// What the programs say when they cannot start.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StartupTests {
    private func expectOneLine(_ result: Program.Result, naming text: String) {
        #expect(result.status != 0)
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("Error:") }
        #expect(lines.count == 1, "\(result.errors)")
        #expect(lines.first?.contains(text) == true, "\(result.errors)")
    }

    @Test func `a port that is in use is named`() async throws {
        try await Deployment.with { deployment in
            let http = try #require(URL(string: deployment.environment["BROKER_URL"] ?? "")?.port)

            let second = try await Program.run(
                "broker-controller",
                deployment.controllerArguments([
                    "state_dir": "\(deployment.directory.path)/second", "agents.listen": "127.0.0.1:0",
                ]),
                in: deployment.directory
            )

            expectOneLine(second, naming: "127.0.0.1:\(http)")
        }
    }

    @Test func `a state directory that another controller uses is named, and that one goes on undisturbed`()
        async throws
    {
        try await Deployment.with { deployment in
            let second = try await Program.run(
                "broker-controller",
                deployment.controllerArguments(["http.listen": "127.0.0.1:0", "agents.listen": "127.0.0.1:0"]),
                in: deployment.directory
            )

            expectOneLine(second, naming: "another controller")
            let endpoints = deployment.directory.appending(path: "controller/endpoints.json").path
            #expect(FileManager.default.fileExists(atPath: endpoints))
        }
    }

    @Test func `settings that cannot be read are named with their place`() async throws {
        try await Deployment.with { deployment in
            let file = deployment.directory.appending(path: "bad.yaml")
            try Data("http:\n  listn: here\n".utf8).write(to: file)

            let controller = try await Program.run(
                "broker-controller",
                ["serve", "--config", file.path],
                in: deployment.directory
            )
            let agent = try await Program.run("broker-agent", ["--config", "/nowhere.yaml"], in: deployment.directory)

            expectOneLine(controller, naming: "http.listn")
            expectOneLine(agent, naming: "/nowhere.yaml")
        }
    }

    @Test func `a database that is none is named`() async throws {
        try await Deployment.with { deployment in
            let state = deployment.directory.appending(path: "broken")
            try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
            try Data("this is no database, whatever its name says".utf8)
                .write(to: state.appending(path: "broker.sqlite"))

            let result = try await Program.run(
                "broker-controller",
                deployment.controllerArguments(["state_dir": state.path]),
                in: deployment.directory
            )

            expectOneLine(result, naming: "database")
        }
    }
}
