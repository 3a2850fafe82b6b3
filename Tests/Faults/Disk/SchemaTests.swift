// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import GRDB
import Jobs
import Testing

/// Databases of other versions: a newer one is left alone, and an older one is taken over with all that is in it.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct SchemaTests {
    // MARK: Newer

    /// Runs a controller and an agent for a moment, so that there are databases of both.
    private func withUsedDatabases(
        _ body: (Deployment, _ store: URL, _ ledger: URL) async throws -> Void
    ) async throws {
        try await Deployment.with { deployment in
            let agent = try await deployment.startAgent("web-1")
            try await deployment.withClient { client in
                try await deployment.connected(1, client)
                let job = try await client.submitShell("true")
                _ = try await deployment.job(job.id, client) { $0.status.isTerminal }
            }
            let controller = try #require(deployment.controllerProgram)
            for program in [agent, controller] {
                program.signal(SIGTERM)
                try await program.ended()
            }
            try await body(
                deployment,
                deployment.directory.appending(path: "controller/broker.sqlite"),
                deployment.directory.appending(path: "agents/web-1/ledger.sqlite")
            )
        }
    }

    private func change(_ file: URL, _ statements: String...) throws {
        let queue = try DatabaseQueue(path: file.path)
        try queue.writeWithoutTransaction { db in
            for statement in statements { _ = try Row.fetchAll(db, sql: statement) }
        }
        try queue.close()
    }

    private func errors(_ name: String, _ deployment: Deployment) throws -> [Substring] {
        try String(contentsOf: deployment.directory.appending(path: "\(name).log"), encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("Error:") }
    }

    @Test(arguments: ["wal", "delete"])
    func `a controller refuses the database of a newer one in one line, and leaves it as it is`(
        _ mode: String
    )
        async throws
    {
        try await withUsedDatabases { deployment, store, _ in
            try change(
                store,
                "INSERT INTO grdb_migrations VALUES ('999: the future')",
                "PRAGMA journal_mode = \(mode)"
            )
            let before = try Data(contentsOf: store)

            await #expect(throws: DeploymentError.self) { try await deployment.startController() }

            #expect(deployment.controllerProgram?.isRunning == false)
            let errors = try errors("controller", deployment)
            #expect(errors.count == 1 && errors[0].contains("newer"), "\(errors)")
            #expect(try Data(contentsOf: store) == before)
        }
    }

    @Test func `an agent refuses the ledger of a newer one in one line, and leaves it as it is`() async throws {
        try await refuseLedger(mode: "wal")
    }

    @Test
    func `and so it does where the newer one keeps its journal in another way`() async throws {
        try await refuseLedger(mode: "delete")
    }

    private func refuseLedger(mode: String) async throws {
        try await withUsedDatabases { deployment, _, ledger in
            try change(ledger, "PRAGMA user_version = 999", "PRAGMA journal_mode = \(mode)")
            let before = try Data(contentsOf: ledger)

            let agent = try await deployment.startAgent("web-1")

            #expect(try await agent.ended() == 1)
            let errors = try errors("web-1", deployment)
            #expect(errors.count == 1 && errors[0].contains("newer"), "\(errors)")
            #expect(try Data(contentsOf: ledger) == before)
        }
    }

    // MARK: Older

    /// A database of `Tests/Databases`, which `scripts/dump-databases` made with the programs of its version.
    private static func dump(_ name: String) throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: tests.appending(path: "Databases/\(name).sql"), encoding: .utf8)
    }

    /// Puts a database made of its text in the place of a file.
    private static func load(_ text: String, to file: URL, then statement: String) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
        let queue = try DatabaseQueue(path: file.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: text) }
        try queue.writeWithoutTransaction { try $0.execute(sql: statement) }
        try queue.close()
    }

    /// Puts old databases in the place of those of a deployment, as if they had been written just now.
    private static func load(controller: String, ledger: String, into deployment: Deployment) async throws {
        var agents: [Agent] = []
        var programs: [Program] = []
        for hostname in ["web-1", "web-2"] { programs.append(try await deployment.startAgent(hostname)) }
        try await deployment.withClient { client in
            try await deployment.connected(2, client)
            agents = try await client.agents().items
        }
        for program in programs + [try #require(deployment.controllerProgram)] { try await program.killed() }
        var text = try dump(controller)
        for agent in agents { text = text.replacing("@\(agent.hostname)@", with: agent.id.text) }
        let store = deployment.directory.appending(path: "controller/broker.sqlite")
        try load(text, to: store, then: "")
        let made = try await DatabaseQueue(path: store.path).read { db in
            try Int64.fetchOne(db, sql: "SELECT max(created_at) FROM jobs")
        }
        let shift = Int64(Date().timeIntervalSince1970 * 1000) - (try #require(made))
        let deadlines = ["deadline_at", "hard_end_at", "next_check_at"].map { "\($0) = \($0) + \(shift)" }
        try load(text, to: store, then: "UPDATE jobs SET \(deadlines.joined(separator: ", "))")
        try load(
            dump(ledger),
            to: deployment.directory.appending(path: "agents/web-1/ledger.sqlite"),
            then: "UPDATE runs SET start_before = start_before + \(shift)"
        )
        try FileManager.default.removeItem(at: deployment.directory.appending(path: "agents/web-2"))
        try await deployment.makeKey()
    }

    @Test(arguments: [
        ("controller-1", "ledger-1"), ("controller-2", "ledger-1"), ("controller-2", "ledger-2"),
        ("controller-9", "ledger-3"),
    ])
    func `databases of older versions are taken over, and what was open in them comes to its end`(
        controller: String,
        ledger: String
    ) async throws {
        try await Deployment.with { deployment in
            try await Self.load(controller: controller, ledger: ledger, into: deployment)

            try await deployment.startController()
            let (jobs, before) = try await deployment.withClient { client in
                let jobs = try await client.jobs().items
                return (Dictionary(uniqueKeysWithValues: jobs.map { ($0.note ?? "", $0) }), try await client.status())
            }
            #expect(jobs.count == 8 && before["jobs"]?["processing"] == 4)
            for hostname in ["web-1", "web-2"] { try await deployment.startAgent(hostname) }

            try await deployment.withClient { client in
                for end in Self.ends {
                    let id = try #require(jobs[end.note]?.id)
                    let job = try await deployment.job(id, client) { $0.status.isTerminal }
                    let run = try #require(try await client.runs(of: id, data: true).items.first)
                    #expect(job.status == end.status, "\(end.note)")
                    #expect(run.error?.code == end.code && run.attempt == 1, "\(end.note): \(run)")
                    #expect(run.data?["stdout"]?.string == end.output, "\(end.note): \(run)")
                }
                let new = try await client.submitShell("true")
                #expect(try await deployment.job(new.id, client) { $0.status.isTerminal }.status == .completed)
            }
        }
    }

    /// What becomes of a job of the old databases, and of its first run.
    private struct End {
        let note: String
        let status: JobStatus
        var code: String?
        var output: String?
    }

    private static let ends = [
        End(note: "completed", status: .completed, output: "out\n"),
        End(note: "failed", status: .failed, code: "non_zero_exit", output: ""),
        End(note: "partial", status: .partialFailure, code: "non_zero_exit", output: ""),
        // Its host had not been told of it.
        End(note: "offline", status: .completed, output: "later\n"),
        // Its host could not tell of it.
        End(note: "untold", status: .completed, output: "told\n"),
        End(note: "interrupted", status: .failed, code: "interrupted"),
        End(note: "second", status: .failed, code: "interrupted"),
        End(note: "held", status: .completed, output: "held\n"),
    ]
}
