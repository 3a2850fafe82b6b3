// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// The example plug-ins, dry runs and references, from the command line to the host.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct PluginTests {
    private static let examples: URL = {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        return here.appending(path: "../../deploy/examples/plugins").standardized
    }()

    private func withPlugins(_ body: (Deployment, BrokerClient) async throws -> Void) async throws {
        try await Deployment.with { deployment in
            let directory = deployment.path("plugins")
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            for name in ["example-ini", "example-marker"] {
                let file = "\(directory)/\(name)"
                let text = try String(contentsOf: Self.examples.appending(path: name), encoding: .utf8)
                // The agent's user must own what it runs; the marker goes into the deployment's directory.
                try text.replacing("/var/lib/example-marker", with: deployment.path("markers"))
                    .write(toFile: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            }
            try await deployment.startAgent("web-1", settings: ["plugins.directory": directory])
            try await deployment.startAgent("web-2")
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                try await body(deployment, client)
            }
        }
    }

    @Test func `plug-ins of a host are operations of the fleet`() async throws {
        try await withPlugins { deployment, client in
            let operations = try await client.operations().map(\.type)
            #expect(operations.contains("example.marker") && operations.contains("example.ini"))

            let operation = OperationRequest(type: "example.marker", data: ["name": "seen"])
            let job = JobRequest(operation: operation, target: "_all")
            let dry = try await client.submit(job.trying)
            #expect(try await deployment.end(of: dry.id, client).dryRun)
            #expect(try await client.runs(of: dry.id).items.first { $0.hostname == "web-1" }?.changed == true)
            #expect(!FileManager.default.fileExists(atPath: deployment.path("markers/seen")))

            let real = try await client.submit(job)
            #expect(try await deployment.end(of: real.id, client).status == .partialFailure)
            #expect(FileManager.default.fileExists(atPath: deployment.path("markers/seen")))
            let runs = try await client.runs(of: real.id).items
            #expect(runs.first { $0.hostname == "web-1" }?.changed == true)
            // The other host has no such plug-in.
            #expect(runs.first { $0.hostname == "web-2" }?.error?.code == "unknown_operation")
            let refused = try await deployment.broker("run", "example.marker", "-t", "web-1", "--param", "name=a b")
            #expect(refused.status != 0 && refused.errors.contains("name"))
        }
    }

    @Test func `a plug-in that takes long to say what it is keeps no host from its work`() async throws {
        try await Deployment.with { deployment in
            let directory = deployment.path("plugins")
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            let (file, go) = ("\(directory)/slow", deployment.path("go"))
            #expect(mkfifo(go, 0o600) == 0)
            // Longer than anybody waits for it, unless the test lets it go on; then it is asked once more.
            let script = """
                #!/bin/sh
                [ "$1" = run ] && exec echo '{"data": {}}'
                [ -e \(go).done ] || read -r x <\(go)
                echo '{"type": "acme.slow", "kind": "read", "summary": "s", "schema": {"type": "object"}}'

                """
            try script.write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            try await deployment.startAgent("web-1", settings: ["plugins.directory": directory])
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let ping = try await client.submit(
                    JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
                )
                #expect(try await deployment.end(of: ping.id, client).status == .completed)
                #expect(try await client.operations().contains { $0.type == "acme.slow" } == false)

                _ = FileManager.default.createFile(atPath: go + ".done", contents: nil)
                // Opened for both, so that this waits for no reader.
                let pipe = try #require(FileHandle(forUpdatingAtPath: go))
                try pipe.write(contentsOf: Data("x\n".utf8))
                while try await client.operations().contains(where: { $0.type == "acme.slow" }) == false {
                    try await Task.sleep(for: .milliseconds(100))
                }
                try pipe.close()
                let slow = OperationRequest(type: "acme.slow")
                let job = try await client.submit(JobRequest(operation: slow, target: "web-1"))
                #expect(try await deployment.end(of: job.id, client).status == .completed)
            }
        }
    }

    @Test func `references are replaced on each host, and a dry run from the command line tells the difference`()
        async throws
    {
        try await withPlugins { deployment, client in
            let file = deployment.path("web-1.ini")
            let data = """
                {"path": "@label.file", "section": "host", "key": "name", "value": "{{fact.hostname}} runs {{fact.os.id}}"}
                """
            let unknown = try await deployment.broker("run", "example.ini", "-t", "web-1", "--data", data)
            #expect(unknown.output.contains("this host has no label 'file'"), "\(unknown)")

            let known = data.replacing("@label.file", with: file)
            let dry = try await deployment.broker("run", "example.ini", "-t", "web-1", "--data", known, "--dry-run")
            #expect(dry.status == 0 && !FileManager.default.fileExists(atPath: file), "\(dry)")
            let real = try await deployment.broker("run", "example.ini", "-t", "web-1", "--data", known)
            #expect(real.status == 0, "\(real)")
            #expect(deployment.text("web-1.ini").contains("name = "))
            #expect(deployment.text("web-1.ini").contains(" runs debian"))
        }
    }
}

extension JobRequest {
    /// The same submission as a dry run.
    fileprivate var trying: JobRequest {
        JobRequest(operation: operation, target: target, dryRun: true)
    }
}
