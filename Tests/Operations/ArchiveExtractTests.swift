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

/// What becomes of an archive, and of what it replaces, where something goes wrong in the middle.
struct ArchiveMishapTests {
    private func make(_ script: String, in directory: String) async throws {
        let outcome = try await shell("set -e\n" + script, ["cwd": .string(directory)])
        #expect(outcome.state == .completed, "\(outcome)")
    }

    private func plan(_ directory: String) async throws -> Plan {
        let data: JSONValue = [
            "archive": .string(directory + "/x"), "destination": .string(directory + "/to"), "strip_components": 0,
        ]
        let parameters = try JSON.decode(ArchiveExtractOperation.Parameters.self, fromSnakeCase: data)
        return try await ArchiveExtractOperation().plan(parameters, in: testContext())
    }

    @Test func `an archive that is written to after it was looked at is not unpacked`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                "echo good >file; tar cf x file; echo bad >file; tar cf other file; rm file; mkdir to",
                in: directory
            )
            let plan = try await plan(directory)
            try await make("cat other >x", in: directory)
            let before = try snapshot(directory)

            let error = await #expect(throws: OperationError.self) { _ = try await plan.apply() }

            #expect(error?.code == "changed_meanwhile" && error?.changed == false)
            #expect(try snapshot(directory) == before)
        }
    }

    @Test func `what was looked at is unpacked, also where another archive has taken its place`() async throws {
        try await withTemporaryDirectory { directory in
            try await make("echo good >file; tar cf x file; echo bad >file; tar cf other file", in: directory)
            let plan = try await plan(directory)
            try await make("mv other x", in: directory)

            _ = try await plan.apply()

            #expect(try HostFile.text(directory + "/to/file") == "good\n")
        }
    }

    @Test func `what cannot be put back is named, with the name under which it is kept`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                """
                mkdir -p source/inner to/inner old; echo new | tee source/a source/inner/b >source/c
                echo old | tee to/a to/inner/b >to/c
                """,
                in: directory
            )
            var merge = TreeMerge(into: directory + "/to", keepingOldIn: directory + "/old")
            try merge.move(HostDirectory(directory + "/source"), stripping: 0, testContext())
            try await make("mv to/inner elsewhere", in: directory)

            let left = merge.undo()

            #expect(left.map(\.path) == ["inner/b", "inner/b"])
            let kept = try #require(left.compactMap(\.kept).first)
            #expect(try HostFile.text(directory + "/old/" + kept) == "old\n")
            for name in ["a", "c"] { #expect(try HostFile.text(directory + "/to/" + name) == "old\n") }
        }
    }

    @Test func `what is kept stays when the rest of what was unpacked goes, and the error says where`() async throws {
        try await withTemporaryDirectory { directory in
            try await make(
                "echo x >f; tar cf x f; mkdir -p s/old s/raw/f s/new; echo old >s/old/3; touch s/archive",
                in: directory
            )
            let extraction = ArchiveExtraction(
                archive: try ArchiveSource(at: directory + "/x"),
                contents: .init(format: .tar, members: 1),
                sha256: "",
                destination: "/srv/app",
                stripped: 0,
                rights: FileRights(mode: nil, uid: nil, gid: nil),
                stamp: nil,
                creates: nil
            )
            let holder = try HostDirectory(directory)
            let staging = try HostDirectory(HostName("s"), in: holder)
            let left = [TreeMerge.Left(path: "etc/conf", kept: "3"), TreeMerge.Left(path: "bin", kept: "7")]
            let failure = ArchiveExtraction.Failure(error: OperationError("no_space", "it is full"), left: left)

            extraction.tidy(HostName("s"), staging, in: holder, keepsOld: true, testContext())
            let error = extraction.error(failure, left, store: "/srv/app/.x/old")

            #expect(Set(try snapshot(directory + "/s").keys) == ["old", "old/3"])
            #expect(error.changed == nil && error.code == "no_space")
            #expect(
                error.message.contains("'/srv/app/etc/conf' could not be put back, and is kept as '/srv/app/.x/old/3'")
            )
            #expect(error.data?["kept"]?.array?.last == ["path": "/srv/app/bin", "kept": "/srv/app/.x/old/7"])
            extraction.tidy(HostName("s"), staging, in: holder, keepsOld: false, testContext())
            #expect(try FileState(at: directory + "/s") == nil)
        }
    }
}
