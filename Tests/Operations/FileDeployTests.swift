// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct FileDeployTests {
    @Test func `a file is made, is left alone when it is so already, and gets a new content and mode`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/motd"
            let made = try await checkApplied(
                "file.deploy",
                ["path": .string(path), "content": "one\n"],
                in: directory
            )
            #expect(try FileState(at: path)?.modeText == "0644")
            #expect(made.text("diff") == "--- /dev/null\n+++ \(path)\n@@ -0,0 +1 @@\n+one\n")
            #expect(made.text("sha256") == FileDigest.sha256(Array("one\n".utf8)))

            let data: JSONValue = ["path": .string(path), "content_base64": "/wB=", "mode": "0600"]
            try await checkApplied("file.deploy", data, in: directory)
            #expect(try HostFile.bytes(path) == [0xFF, 0x00])
            #expect(try FileState(at: path)?.modeText == "0600")

            // What is not said stays.
            try await checkApplied("file.deploy", ["path": .string(path), "content": "two\n"], in: directory)
            #expect(try FileState(at: path)?.modeText == "0600")
        }
    }

    @Test func `the old file stays beside where that is asked for, with its mode`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/motd"
            try Data("old\n".utf8).write(to: URL(filePath: path))
            chmod(path, 0o640)

            let data: JSONValue = ["path": .string(path), "content": "new\n", "backup": true, "mode": "0600"]
            let outcome = try await checkApplied("file.deploy", data, in: directory)
            let backup = try #require(outcome.text("backup"))
            #expect(backup.hasPrefix(path + ".2") && backup.hasSuffix("Z~"))
            #expect(try HostFile.text(backup) == "old\n")
            #expect(try FileState(at: backup)?.modeText == "0640")

            // A new mode is no new content.
            let other = try await run(
                "file.deploy",
                ["path": .string(path), "content": "new\n", "backup": true, "mode": "0644"]
            )
            #expect(other.changed == true && other.text("backup") == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 2)
        }
    }

    @Test func `a content that its checker refuses does not take the place of the file`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/config"
            let check: JSONValue = ["grep", "-q", "^ok$", "%s"]
            try await checkApplied(
                "file.deploy",
                ["path": .string(path), "content": "ok\n", "validate": check],
                in: directory
            )
            let bad: JSONValue = ["path": .string(path), "content": "bad\n", "validate": check, "backup": true]
            try await checkRefused("file.deploy", bad, "validation_failed", in: directory)
        }
    }

    @Test func `a template is filled with facts, labels and variables`() async throws {
        try await withTemporaryDirectory { directory in
            var context = testContext()
            context.labels = ["site": "here"]
            context.facts = { ["os": ["id": "debian"], "cpus": 4] }
            let path = directory + "/file"
            let data: JSONValue = [
                "path": .string(path), "template": true, "variables": ["port": "{{fact.cpus}}"],
                "content": "{{ fact.os.id }} {{fact.cpus}} {{label.site}} {{var.port}} {{{{x}} { { }}\n",
            ]

            let outcome = try await run("file.deploy", data, in: context)

            #expect(outcome.changed == true)
            #expect(try HostFile.text(path) == "debian 4 here 4 {{x}} { { }}\n")
        }
    }

    @Test(arguments: [
        ("a\n{{fact.none}}", "line 2: this host has no fact 'none'"),
        ("{{label.none}}", "this host has no label 'none'"),
        ("{{var.none}}", "the job gives no variable 'none'"), ("{{other}}", "write '{{{{' for '{{'"),
        ("{{fact.os", "on the same line"), ("{{fact.\nos}}", "line 1: "), ("{{}}", "after '{{' comes"),
    ])
    func `what a template does not know is a failure that says where`(content: String, reason: String) async throws {
        try await withTemporaryDirectory { directory in
            let data: JSONValue = ["path": .string(directory + "/x"), "content": .string(content), "template": true]
            try await checkRefused("file.deploy", data, "invalid_template", in: directory)
            let message = try await run("file.deploy", data, dryRun: true).error?.message ?? ""
            #expect(message.contains(reason), "\(message)")
        }
    }

    @Test func `without template a content is taken as it is`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/x"
            let content = "@fact.hostname {{fact.none}} {{{{\n"
            try await checkApplied("file.deploy", ["path": .string(path), "content": .string(content)], in: directory)
            #expect(try HostFile.text(path) == content)
        }
    }

    @Test func `a link is refused, or followed where that is asked for`() async throws {
        try await withTemporaryDirectory { directory in
            try Data("old\n".utf8).write(to: URL(filePath: directory + "/file"))
            symlink("file", directory + "/link")
            symlink("nowhere", directory + "/loose")
            let data: JSONValue = ["path": .string(directory + "/link"), "content": "new\n"]
            try await checkRefused("file.deploy", data, "is_a_link", in: directory)
            let loose: JSONValue = ["path": .string(directory + "/loose"), "content": "new\n", "follow": true]
            try await checkRefused("file.deploy", loose, "not_found", in: directory)

            let follow: JSONValue = ["path": .string(directory + "/link"), "content": "new\n", "follow": true]
            let outcome = try await checkApplied("file.deploy", follow, in: directory)
            #expect(try HostFile.text(directory + "/file") == "new\n")
            #expect(try FileState(at: directory + "/link")?.kind == .link)
            #expect(outcome.text("path")?.hasSuffix("/file") == true)
        }
    }

    @Test func `what cannot be done is said before anything is touched`() async throws {
        try await withTemporaryDirectory { directory in
            mkdir(directory + "/dir", 0o755)
            let cases: [(JSONValue, String)] = [
                (["path": .string(directory + "/none/file"), "content": ""], "not_found"),
                (["path": .string(directory + "/dir"), "content": ""], "not_a_file"),
                (["path": .string(directory + "/x"), "content": "", "owner": "no-such-user"], "unknown_user"),
                (["path": .string(directory + "/x"), "content": "", "group": "no-such-group"], "unknown_group"),
                (["path": .string(directory + "/../x"), "content": ""], "invalid_parameters"),
                (["path": "/", "content": ""], "not_a_file"),
                (["path": .string(directory + "/x"), "content": "", "content_base64": ""], "invalid_parameters"),
                (["path": .string(directory + "/x")], "invalid_parameters"),
                (["path": .string(directory + "/x"), "content": "", "mode": "u+x"], "invalid_parameters"),
                (["path": .string(directory + "/x"), "content": "", "owner": "-x"], "invalid_parameters"),
                (["path": .string(directory + "/x"), "content": "", "validate": ["true"]], "invalid_parameters"),
                (["path": .string(directory + "/x"), "content": "", "variables": ["a": "b"]], "invalid_parameters"),
            ]
            for (data, code) in cases {
                try await checkRefused("file.deploy", data, code, in: directory)
                let dry = try await run("file.deploy", data, dryRun: true)
                #expect(dry.error?.code == code, "\(data)")
            }
        }
    }

    @Test func `nothing is told of a secret content, nor of a file that not everybody may read`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/key"
            let secret = try await run("file.deploy", ["path": .string(path), "secret_content": "hush-1\n"])
            #expect(try HostFile.text(path) == "hush-1\n")
            #expect(try FileState(at: path)?.mode == 0o600, "a new file with a secret is not for everybody")
            let open = try await run("file.deploy", ["path": .string(path), "content": "open\n", "mode": "0644"])
            let template: JSONValue = [
                "path": .string(path), "content": "{{var.word}}", "template": true,
                "secret_variables": ["word": "hush-2"],
            ]
            let filled = try await run("file.deploy", template)
            #expect(try HostFile.text(path) == "hush-2")

            for outcome in [secret, open, filled] {
                #expect(outcome.changed == true && outcome.text("diff") == nil)
                #expect(!String(decoding: try JSON.encode(outcome.data), as: UTF8.self).contains("hush"))
            }
            #expect(secret.text("sha256") == nil)
        }
    }

    @Test func `a full or read-only place leaves the file as it was`() async throws {
        // /proc takes no new files, not even from root.
        let outcome = try await run("file.deploy", ["path": "/proc/broker-test", "content": "x"])
        #expect(outcome.state == .failed && outcome.changed == false, "\(outcome)")
    }
}
