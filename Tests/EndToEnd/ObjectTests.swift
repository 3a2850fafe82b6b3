// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Testing

/// Stored objects from a file of the user to the hosts and back, on real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ObjectTests {
    /// A file with so many bytes that do not repeat.
    private func makeFile(_ name: String, _ bytes: Int, in directory: URL) throws -> URL {
        let file = directory.appending(path: name)
        var generator = SystemRandomNumberGenerator()
        let words = (0..<bytes / 8 + 1).map { _ in generator.next() }
        try words.withUnsafeBytes { Data($0.prefix(bytes)) }.write(to: file)
        return file
    }

    private func submit(
        _ type: String,
        _ data: JSONValue,
        _ client: BrokerClient,
        target: String = "_all"
    ) async throws -> Job {
        try await client.submit(JobRequest(operation: OperationRequest(type: type, data: data), target: target))
    }

    private func cached(_ object: ObjectRecord, of host: String, _ deployment: Deployment) -> Data? {
        try? Data(contentsOf: deployment.directory.appending(path: "agents/\(host)/objects/\(object.sha256)"))
    }

    @Test func `an object is the content of a file, and an archive that is unpacked`() async throws {
        try await Deployment.with { deployment in
            let (text, archive, site) = (
                deployment.path("page.txt"), deployment.path("site.tar"), deployment.path("site")
            )
            try "hello\n".write(toFile: text, atomically: true, encoding: .utf8)
            let arguments = ["-C", deployment.directory.path, "-cf", archive, "page.txt"]
            let packed = try await ChildProcess.run("/bin/tar", arguments)
            #expect(packed.status == 0, "\(packed)")
            for (name, file) in [("page", text), ("site", archive)] {
                #expect(try await deployment.broker("objects", "put", name, file).status == 0)
            }
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let target = deployment.path("deployed.txt")
                let deploy: JSONValue = ["path": .string(target), "object": "page", "mode": "0600"]
                let extract: JSONValue = ["object": "site", "destination": .string(site)]
                for (type, data) in [("file.deploy", deploy), ("archive.extract", extract)] {
                    for isChange in [true, false] {
                        let job = try await submit(type, data, client)
                        let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                        let run = try await client.runs(of: job.id).items.first
                        #expect(ended.status == .completed && ended.changed == isChange, "\(String(describing: run))")
                    }
                }
                #expect(try String(contentsOfFile: target, encoding: .utf8) == "hello\n")
                #expect(try String(contentsOfFile: site + "/page.txt", encoding: .utf8) == "hello\n")
            }
        }
    }

    @Test func `a file goes to the hosts, and one of each host comes back`() async throws {
        try await Deployment.with { deployment in
            let file = try makeFile("app.bin", 3_000_001, in: deployment.directory)
            let put = try await deployment.broker("objects", "put", "apps/app", file.path, "-o", "json")
            #expect(put.status == 0, "\(put)")
            let object = try JSON.decode(ObjectRecord.self, from: put.output.utf8)
            #expect(object.size == 3_000_001)
            for host in ["web-1", "web-2"] { try await deployment.startAgent(host) }
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                let refused = await #expect(throws: BrokerClientError.self) {
                    _ = try await submit("object.fetch", ["object": "apps/none"], client)
                }
                #expect(refused?.problem?.errors.first?.place == "/operation/data/object")

                let fetch = try await submit("object.fetch", ["object": "apps/app"], client)
                #expect(fetch.operation.data["object"]?["sha256"]?.string == object.sha256)
                let done = try await deployment.job(fetch.id, client) { $0.status.isTerminal }
                #expect(done.status == .completed)
                #expect(done.changed == true)
                let bytes = try Data(contentsOf: file)
                for host in ["web-1", "web-2"] { #expect(cached(object, of: host, deployment) == bytes) }
                let again = try await submit("object.fetch", ["object": "apps/app"], client)
                #expect(try await deployment.job(again.id, client) { $0.status.isTerminal }.changed == false)

                let data: JSONValue = ["path": .string(file.path), "object": "{{label.name}}/app"]
                _ = try await deployment.startAgent("web-3", labels: "name=three")
                try await deployment.connected(3, client)
                let back = try await submit("file.fetch", data, client, target: "web-3")
                #expect(try await deployment.job(back.id, client) { $0.status.isTerminal }.status == .completed)
                #expect(try await client.object("hosts/web-3/three/app").sha256 == object.sha256)
            }
            let copy = deployment.directory.appending(path: "copy.bin")
            let get = try await deployment.broker("objects", "get", "hosts/web-3/three/app", "--to", copy.path)
            #expect(get.status == 0, "\(get)")
            #expect(try Data(contentsOf: copy) == Data(contentsOf: file))
            #expect(try await deployment.broker("objects", "delete", "apps/app").status == 0)
            #expect(try await deployment.broker("objects", "list").output.contains("hosts/web-3/three/app"))
        }
    }

    @Test func `a large object is deployed without the agent holding it in memory`() async throws {
        try await Deployment.with { deployment in
            let file = try makeFile("large.bin", 300_000_000, in: deployment.directory)
            #expect(try await deployment.broker("objects", "put", "large", file.path, "-q").status == 0)
            let agent = try await deployment.startAgent("web-1")
            func memory() throws -> Int {
                let status = try String(contentsOfFile: "/proc/\(agent.pid)/status", encoding: .utf8)
                let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
                return try #require(Int(line.filter(\.isNumber)))
            }
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let before = try memory()
                let target = deployment.path("deployed.bin")
                for isChange in [true, false] {
                    let job = try await submit("file.deploy", ["path": .string(target), "object": "large"], client)
                    let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                    let run = try await client.runs(of: job.id).items.first
                    #expect(ended.status == .completed && ended.changed == isChange, "\(String(describing: run))")
                }
                #expect(FileManager.default.contentsEqual(atPath: target, andPath: file.path))
                #expect(try memory() - before < 100_000, "KiB")
            }
        }
    }

    @Test func `the examples of objects run as they stand`() async throws {
        try await Deployment.with { deployment in
            let file = try makeFile("app-1.2.0.tar.gz", 1000, in: deployment.directory)
            #expect(try await deployment.broker("objects", "put", file.path).status == 0)
            try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                for type in ["object.fetch", "file.fetch"] {
                    let descriptor = try #require(OperationCatalogue.builtIn[type])
                    for example in descriptor.examples {
                        let job = try await submit(type, example.data, client)
                        let ended = try await deployment.job(job.id, client) { $0.status.isTerminal }
                        let run = try #require(try await client.runs(of: job.id).items.first)
                        #expect(ended.status == .completed, "\(example.title): \(run)")
                        let faults = try JSONSchema(descriptor.result).faults(in: run.data ?? .null, at: "")
                        #expect(faults.isEmpty, "\(example.title): \(faults)")
                    }
                }
            }
        }
    }

    @Test func `a fetch goes on where it was when the controller was killed`() async throws {
        try await Deployment.with { deployment in
            let file = try makeFile("large.bin", 200_000_000, in: deployment.directory)
            #expect(try await deployment.broker("objects", "put", "large", file.path, "-q").status == 0)
            try await deployment.startAgent("web-1")
            let (object, id) = try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let object = try await client.object("large")
                return (object, try await submit("object.fetch", ["object": "large"], client).id)
            }
            let part = deployment.directory.appending(path: "agents/web-1/objects/\(object.sha256).part").path
            func size() -> Int {
                (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0
            }
            while size() < 10_000_000 {
                try #require(cached(object, of: "web-1", deployment) == nil, "it was not interrupted")
                try await Task.sleep(for: .milliseconds(1))
            }
            try await deployment.killController()
            let before = size()
            try #require(before < 200_000_000)
            try await deployment.startController()
            try await deployment.withClient { client in
                let job = try await deployment.job(id, client) { $0.status.isTerminal }
                #expect(job.status == .completed)
            }
            #expect(cached(object, of: "web-1", deployment) == (try Data(contentsOf: file)))
            #expect(before >= 10_000_000)
        }
    }
}
