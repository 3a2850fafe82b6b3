// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct ArchiveExtractTests {
    /// Runs a script in a directory, to make archives there.
    private func make(_ script: String, in directory: String) async throws {
        let outcome = try await shell("set -e\n" + script, ["cwd": .string(directory)])
        #expect(outcome.state == .completed, "\(outcome)")
    }

    private static let tree =
        "mkdir -p src/app/bin && echo one >src/app/file && echo two >src/app/bin/run && ln -s bin/run src/app/link"

    @Test(arguments: [
        ("tar", "tar -C src -cf x app"), ("tar.gz", "tar -C src -czf x app"), ("tar.bz2", "tar -C src -cjf x app"),
        ("tar.xz", "tar -C src -cJf x app"), ("tar.zst", "tar -C src --zstd -cf x app"),
        ("zip", "cd src && zip -qry ../x.zip app && mv ../x.zip ../x"),
    ])
    func `an archive is put into a directory that is made for it`(format: String, command: String) async throws {
        try await withTemporaryDirectory { directory in
            try await make(Self.tree + "\n" + command, in: directory)
            let data: JSONValue = [
                "archive": .string(directory + "/x"), "destination": .string(directory + "/to"), "strip_components": 1,
            ]
            let outcome = try await checkApplied("archive.extract", data, in: directory)
            let found = try snapshot(directory + "/to")
            #expect(outcome.text("format") == format)
            #expect(outcome.number("members") == 5)
            #expect(Set(found.keys) == ["file", "bin", "bin/run", "link", ".broker-archive"])
            #expect(try HostFile.text(directory + "/to/link", following: true) == "two\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["src", "to", "x"])
        }
    }

    @Test func `what is in an archive takes the place of what was there, and leaves the rest`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                Self.tree
                    + "\ntar -C src/app -cf x . ; mkdir -p to/bin; echo old >to/file; echo mine >to/bin/mine; chmod 700 to/bin",
                in: directory
            )
            let data: JSONValue = ["archive": .string(directory + "/x"), "destination": .string(directory + "/to")]
            try await checkApplied("archive.extract", data, in: directory)
            #expect(try HostFile.text(directory + "/to/file") == "one\n")
            #expect(try HostFile.text(directory + "/to/bin/mine") == "mine\n")
            #expect(try FileState(at: directory + "/to/bin")?.modeText == "0700")

            // Another archive is a change, and so is the first one again.
            try await make("echo three >src/app/file; tar -C src/app -cf y .", in: directory)
            let other: JSONValue = ["archive": .string(directory + "/y"), "destination": .string(directory + "/to")]
            try await checkApplied("archive.extract", other, in: directory)
            #expect(try HostFile.text(directory + "/to/file") == "three\n")
            try await checkApplied("archive.extract", data, in: directory)
            #expect(try HostFile.text(directory + "/to/file") == "one\n")
        }
    }

    @Test func `what cannot be moved in whole is taken back`() async throws {
        try await withTemporaryDirectory { directory in
            // Whatever comes first: one of the two directories is in the way of a file.
            try await make(
                """
                mkdir -p src to/a to/z; echo new >src/a; echo new >src/m; mkdir src/n; echo new >src/n/x; echo new >src/z
                echo old >to/m; tar -C src -cf x .
                """,
                in: directory
            )
            let data: JSONValue = ["archive": .string(directory + "/x"), "destination": .string(directory + "/to")]
            try await checkRefused("archive.extract", data, "is_a_directory", in: directory)
        }
    }

    @Test func `creates says whether it is done already, and must come true`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(Self.tree + "\ntar -C src -cf x app; mkdir there; echo old >there/app", in: directory)
            let archive = JSONValue.string(directory + "/x")
            let destination = JSONValue.string(directory + "/to")
            let data: JSONValue = [
                "archive": archive, "destination": destination, "creates": .string(directory + "/to/app/file"),
            ]
            try await checkApplied("archive.extract", data, in: directory)
            #expect(try FileState(at: directory + "/to/.broker-archive") == nil)
            for name in ["other", "to"] {
                let wrong: JSONValue = [
                    "archive": archive, "destination": .string(directory + "/" + name),
                    "creates": .string(directory + "/nothing"),
                ]
                try await checkRefused("archive.extract", wrong, "creates_missing", in: directory)
            }
        }
    }

    @Test(arguments: [
        ("tar -P -cf x \"$PWD/src/app/file\"", "leads out of it"),
        ("cd src && tar -P -cf ../x app/../app/file", "leads out of it"),
        ("ln -s /etc/passwd src/app/bad; tar -C src -cf x app", "absolute path"),
        ("ln -s ../../x src/app/bad; tar -C src -cf x app", "leads out of the archive"),
        ("ln -s . src/d; ln -s d/../x src/app/../bad; tar -C src -cf x .", "leads out of the archive"),
        ("ln -s round src/app/round; tar -C src -cf x app", "in a circle"),
        ("mkfifo src/app/bad; tar -C src -cf x app", "is a fifo"),
    ])
    func `an archive that leads out of its place is refused`(command: String, reason: String) async throws {
        try await withTemporaryDirectory { directory in
            try await make(Self.tree + "\n" + command, in: directory)
            let data: JSONValue = ["archive": .string(directory + "/x"), "destination": .string(directory + "/to")]
            try await checkRefused("archive.extract", data, "refused_member", in: directory)
            let outcome = try await run("archive.extract", data)
            #expect(outcome.error?.message.contains(reason) == true, "\(outcome)")
        }
    }

    @Test func `a link that stays within is kept, but not where stripping makes it lead out`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(Self.tree + "\nln -s ../../app/file src/app/bin/up; tar -C src -cf x app", in: directory)
            let archive = JSONValue.string(directory + "/x")
            try await checkApplied(
                "archive.extract",
                ["archive": archive, "destination": .string(directory + "/to")],
                in: directory
            )
            let stripped: JSONValue = [
                "archive": archive, "destination": .string(directory + "/other"), "strip_components": 1,
            ]
            try await checkRefused("archive.extract", stripped, "refused_member", in: directory)
        }
    }

    @Test func `a link that is in the way is not followed`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                Self.tree + "\ntar -C src -cf x app; mkdir to outside; ln -s ../outside to/app",
                in: directory
            )
            let data: JSONValue = ["archive": .string(directory + "/x"), "destination": .string(directory + "/to")]
            try await checkRefused("archive.extract", data, "not_a_directory", in: directory)
        }
    }

    @Test func `bits that give rights away are taken off`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(Self.tree + "\nchmod 6755 src/app/file; tar -C src -cf x app", in: directory)
            let data: JSONValue = ["archive": .string(directory + "/x"), "destination": .string(directory + "/to")]
            try await checkApplied("archive.extract", data, in: directory)
            #expect(try FileState(at: directory + "/to/app/file")?.modeText == "0755")
        }
    }

    @Test func `bad archives and parameters are refused`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                Self.tree
                    + "\ntar -C src -cf x app; head -c 1536 x >short; tar -C src -czf y app; head -c 150 y >short.gz; echo text >text; gzip -c text >text.gz",
                in: directory
            )
            let to = JSONValue.string(directory + "/to")
            let cases: [(JSONValue, String)] = [
                (["archive": .string(directory + "/none"), "destination": to], "not_found"),
                (["archive": .string(directory + "/src"), "destination": to], "not_a_file"),
                (["archive": .string(directory + "/text"), "destination": to], "unknown_format"),
                (["archive": .string(directory + "/text.gz"), "destination": to], "broken_archive"),
                (["archive": .string(directory + "/short"), "destination": to], "broken_archive"),
                (["archive": .string(directory + "/short.gz"), "destination": to], "tool_failed"),
                (["archive": .string(directory + "/x"), "destination": .string(directory + "/a/b")], "not_found"),
                (
                    ["archive": .string(directory + "/x"), "destination": .string(directory + "/text")],
                    "not_a_directory"
                ),
                (["archive": .string(directory + "/x"), "destination": "/"], "protected_path"),
                (["archive": .string(directory + "/x"), "destination": to, "owner": "no-such-user"], "unknown_user"),
                (
                    [
                        "archive": .string(directory + "/x"), "destination": to,
                        "sha256": .string(String(repeating: "0", count: 64)),
                    ],
                    "checksum_mismatch"
                ),
                (["archive": .string(directory + "/x"), "destination": "relative"], "invalid_parameters"),
            ]
            for (data, code) in cases {
                try await checkRefused("archive.extract", data, code, in: directory)
                let dry = try await run("archive.extract", data, dryRun: true)
                #expect(dry.error?.code == code, "\(data): \(dry)")
            }
        }
    }
}
