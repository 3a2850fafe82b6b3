// SPDX-License-Identifier: Apache-2.0

import Access
import BrokerClient
import Deployments
import Foundation
import GRDB
import Jobs
import Testing
import TokenVectors

/// Who may use the API, with real processes: keys as `broker keys` makes them, and the audit log of it all.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct KeysAndAuditTests {
    /// What `broker` says with another key.
    private func broker(
        _ deployment: Deployment,
        key: String,
        _ arguments: String...
    ) async throws -> Program.Result {
        try await Program.run(
            "broker",
            arguments,
            environment: deployment.environment.merging(["BROKER_API_KEY": key]) { $1 },
            in: deployment.directory
        )
    }

    /// The secret of a new key.
    private func key(_ deployment: Deployment, _ arguments: String...) async throws -> String {
        let made = try await Program.run(
            "broker",
            ["keys", "create"] + arguments,
            environment: deployment.environment,
            in: deployment.directory
        )
        try #require(made.status == 0, "\(made.errors)")
        return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func refused(_ result: Program.Result, _ status: Int, _ words: String...) {
        #expect(result.status == 5, "\(result)")
        #expect(result.errors.contains("(\(status) "), "\(result.errors)")
        for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
    }

    @Test func `no key, a wrong one, a wrong scope, an expired and a revoked key are refused`() async throws {
        try await Deployment.with { deployment in
            let reader = try await key(deployment, "reader", "--scope", "job:read,agent:read")
            let short = try await key(deployment, "short", "--scope", "job:read", "--expires", "1s")

            refused(try await broker(deployment, key: "brk_0_0", "status"), 401, "not known")
            #expect(try await broker(deployment, key: reader, "jobs", "list").status == 0)
            refused(
                try await broker(deployment, key: reader, "shell", "--target", "_all", "true"),
                403,
                "job:write",
                "forbidden"
            )
            refused(try await broker(deployment, key: reader, "keys", "list"), 403, "key:write")
            refused(try await broker(deployment, key: reader, "audit", "list"), 403, "audit:read")
            var expired = try await broker(deployment, key: short, "status")
            while expired.status == 0 { expired = try await broker(deployment, key: short, "status") }
            refused(expired, 401, "expired")

            let revoked = try await deployment.broker("keys", "revoke", "reader")
            #expect(revoked.status == 0, "\(revoked)")
            refused(try await broker(deployment, key: reader, "jobs", "list"), 401, "revoked")
            try await deployment.killController()
            try await deployment.startController()
            refused(try await broker(deployment, key: reader, "jobs", "list"), 401, "revoked")
            refused(try await broker(deployment, key: short, "status"), 401, "expired")
            #expect(try await deployment.broker("status").status == 0)
        }
    }

    @Test func `a limited key does nothing beyond its limit, neither by itself nor by a retry`() async throws {
        try await Deployment.with { deployment in
            for (host, labels) in [("dev-1", "env=dev"), ("prod-1", "env=prod")] {
                try await deployment.startAgent(host, labels: labels)
            }
            try await deployment.withClient { client in
                try await deployment.connected(2, client)
                let touch = "touch \(deployment.path("made-$BROKER_HOSTNAME")); exit 1"
                let job = try await client.submitShell(touch)
                _ = try await deployment.end(of: job.id, client)
                for host in ["dev-1", "prod-1"] {
                    try FileManager.default.removeItem(atPath: deployment.path("made-\(host)"))
                }
                let scopes = "job:read,job:write,job:cancel,agent:read"
                let limited = try await key(
                    deployment,
                    "dev",
                    "--scope",
                    scopes,
                    "--target",
                    "env=dev",
                    "--operations",
                    "ping,command.*"
                )

                refused(try await broker(deployment, key: limited, "shell", "-t", "_all", touch), 403, "prod-1")
                refused(try await broker(deployment, key: limited, "run", "host.facts", "-t", "dev-1"), 403, "ping")
                for only in ["all", "failed", "not_completed"] {
                    let retry = try await broker(
                        deployment,
                        key: limited,
                        "jobs",
                        "retry",
                        "\(job.id)",
                        "--only",
                        only
                    )
                    refused(retry, 403, "prod-1")
                }
                refused(try await broker(deployment, key: limited, "targets", "preview", "_all"), 403, "prod-1")
                refused(try await broker(deployment, key: limited, "jobs", "get", "\(job.id)"), 403)
                refused(try await broker(deployment, key: limited, "jobs", "delete", "\(job.id)"), 403)
                let agents = try await broker(deployment, key: limited, "agents", "list", "-o", "csv")
                #expect(agents.output.contains("dev-1") && !agents.output.contains("prod-1"))

                let own = try await broker(deployment, key: limited, "shell", "-t", "_any", touch)
                #expect(own.status == 4, "\(own)")
                #expect(FileManager.default.fileExists(atPath: deployment.path("made-dev-1")))
                #expect(!FileManager.default.fileExists(atPath: deployment.path("made-prod-1")))
            }
        }
    }

    @Test func `the audit log tells of all of it, and of a line that was changed in the database`() async throws {
        try await Deployment.with { deployment in
            let reader = try await key(deployment, "reader", "--scope", "job:read")
            refused(try await broker(deployment, key: reader, "keys", "list"), 403)

            let list = try await deployment.broker("audit", "list", "-o", "csv")
            #expect(list.output.split(separator: "\r\n").count == 4, "\(list.output)")
            #expect(list.output.contains("reader") && list.output.contains("forbidden"))
            #expect(list.output.contains("127.0.0.1") && list.output.contains("on the controller's host"))
            let whole = try await deployment.broker("audit", "verify")
            #expect(whole.status == 0 && whole.output.hasPrefix("3:"), "\(whole)")
            let head = whole.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let export = try await deployment.broker("audit", "export")
            try Data(export.output.utf8).write(to: deployment.directory.appending(path: "audit.ndjson"))
            let file = try await deployment.broker("audit", "verify", deployment.path("audit.ndjson"), "--head", head)
            #expect(file.status == 0 && file.output == whole.output, "\(file)")
            #expect(!export.output.contains(reader.suffix(64)))

            try await deployment.killController()
            try change(deployment, "UPDATE audit SET key_id = 'brk_other' WHERE number = 2")
            let check = try await Program.run(
                "broker-controller",
                ["check", "--state-dir", deployment.path("controller")],
                in: deployment.directory
            )
            #expect(check.status == 1 && check.output.contains("line 2 was changed"), "\(check)")
            try await deployment.startController()
            let changed = try await deployment.broker("audit", "verify")
            #expect(changed.status == 1 && changed.errors.contains("line 2 was changed"), "\(changed)")

            // A log that was cut off is whole in itself, and found by who has noted its end.
            try await deployment.killController()
            try change(deployment, "DELETE FROM audit WHERE number > 1")
            try await deployment.startController()
            #expect(try await deployment.broker("audit", "verify").status == 0)
            let cut = try await deployment.broker("audit", "verify", "--head", head)
            #expect(cut.status == 1 && cut.errors.contains("line 3"), "\(cut)")
        }
    }

    @Test func `keys of an older version's file go on, once they are imported`() async throws {
        try await Deployment.with { deployment in
            try await deployment.killController()
            // printf secret | sha256sum
            let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
            try Data("# keys\nann \(hash)\n".utf8).write(to: deployment.directory.appending(path: "api-keys"))

            let imported = try await Program.run(
                "broker-controller",
                ["keys", "import", deployment.path("api-keys"), "--state-dir", deployment.path("controller")],
                in: deployment.directory
            )

            #expect(imported.status == 0 && imported.output == "ann\n", "\(imported)")
            try await deployment.startController()
            #expect(try await broker(deployment, key: "secret", "keys", "list").output.contains("ann"))
        }
    }

    @Test func `a token of the identity provider is accepted where it is configured, and only there`() async throws {
        let settings = { (directory: URL) in
            [
                "tokens.keys": directory.appending(path: "keys.json").path,
                "tokens.issuer": "https://id.example.org", "tokens.audience": "broker",
            ]
        }
        try await Deployment.with { deployment in
            refused(try await broker(deployment, key: TokenVectors.rs256, "jobs", "list"), 401)
            try await deployment.killController()
            try Data(TokenVectors.keySet.utf8).write(to: deployment.directory.appending(path: "keys.json"))
            try await deployment.startController(settings: settings(deployment.directory))

            for token in [TokenVectors.rs256, TokenVectors.es256, TokenVectors.edDSA] {
                #expect(try await broker(deployment, key: token, "jobs", "list").status == 0)
            }
            refused(
                try await broker(deployment, key: TokenVectors.es256, "agents", "list"),
                403,
                "agent:read",
                "jwt:ann"
            )
            for forged in TokenVectors.forged.values {
                refused(try await broker(deployment, key: forged, "jobs", "list"), 401)
            }
            #expect(try await deployment.broker("status").status == 0, "keys go on beside tokens")
        }
    }

    @Test func `the last use of a key outlives a restart`() async throws {
        try await Deployment.with { deployment in
            let reader = try await key(deployment, "reader", "--scope", "job:read")
            let list = ["keys", "list", "--name", "reader", "-o", "csv"]
            func lastUse() async throws -> String {
                let result = try await Program.run(
                    "broker",
                    list,
                    environment: deployment.environment,
                    in: deployment.directory
                )
                let lines = result.output.split(separator: "\r\n").map {
                    $0.split(separator: ",", omittingEmptySubsequences: false)
                }
                let column = try #require(lines.first?.firstIndex(of: "last_used_at"))
                return String(try #require(lines.last)[column])
            }
            let before = try await lastUse()
            #expect(try await broker(deployment, key: reader, "jobs", "list").status == 0)
            let used = try await lastUse()

            let controller = try #require(deployment.controllerProgram)
            controller.signal(SIGTERM)
            try await controller.ended()
            try await deployment.startController()

            let after = try await lastUse()
            #expect(before.isEmpty && !used.isEmpty && after == used)
        }
    }

    @Test func `a key that asks too often is told to wait, and others are not`() async throws {
        try await Deployment.with(settings: ["http.requests_per_minute": "3"]) { deployment in
            let other = try await key(deployment, "other", "--scope", "job:read")
            for _ in 0..<2 { #expect(try await deployment.broker("status").status == 0) }

            refused(try await deployment.broker("status"), 429, "too_many_requests", "3 times in 60 seconds")
            #expect(try await broker(deployment, key: other, "status").status == 0)
        }
    }

    @Test func `a key cannot be made past a running controller`() async throws {
        try await Deployment.with { deployment in
            let made = try await Program.run(
                "broker-controller",
                ["keys", "create", "second", "--state-dir", deployment.path("controller")],
                in: deployment.directory
            )

            #expect(made.status != 0 && made.output.isEmpty)
            #expect(made.errors.contains("broker keys create"), "\(made.errors)")
        }
    }

    private func change(_ deployment: Deployment, _ statement: String) throws {
        let file = try DatabaseQueue(path: deployment.path("controller/broker.sqlite"))
        try file.writeWithoutTransaction { db in
            try db.execute(sql: "DROP TRIGGER IF EXISTS audit_is_not_changed")
            try db.execute(sql: "DROP TRIGGER IF EXISTS audit_is_not_deleted")
            try db.execute(sql: statement)
        }
        try file.close()
    }
}
