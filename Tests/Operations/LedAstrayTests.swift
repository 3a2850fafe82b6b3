// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// What somebody can do who may write to a directory on the way to a file, in the middle of the work on it.
struct LedAstrayTests {
    private func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        chmod(path, mode)
    }

    private func planLine(_ line: String, in path: String) async throws -> Plan {
        let data: JSONValue = [
            "path": .string(path), "line": .string(line), "state": "present", "create": true, "backup": false,
            "follow": false,
        ]
        let parameters = try JSON.decode(FileLineOperation.Parameters.self, fromSnakeCase: data)
        return try await FileLineOperation().plan(parameters, in: testContext())
    }

    @Test func `a directory that takes the place of that of a file is not written to`() async throws {
        try await withTemporaryDirectory { directory in
            mkdir(directory + "/dir", 0o755)
            mkdir(directory + "/victim", 0o755)
            for place in ["dir", "victim"] { try write("old\n", to: directory + "/\(place)/file") }
            let plan = try await planLine("new", in: directory + "/dir/file")

            rename(directory + "/dir", directory + "/aside")
            symlink("victim", directory + "/dir")
            _ = try await plan.apply()

            #expect(try HostFile.text(directory + "/victim/file") == "old\n")
            #expect(try HostFile.text(directory + "/aside/file") == "old\nnew\n")
        }
    }

    @Test func `what was read of a file does not get the owner and mode of another in its place`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try write("secret\n", to: path, mode: 0o600)
            let plan = try await planLine("more", in: path)

            rename(path, directory + "/aside")
            try write("", to: path, mode: 0o666)
            _ = try await plan.apply()

            #expect(try HostFile.text(path) == "secret\nmore\n")
            #expect(try FileState(at: path)?.modeText == "0600")
        }
    }

    @Test func `a new file takes nothing over of one that was put there meanwhile`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            let plan = try await planLine("new", in: path)

            try write("theirs\n", to: path, mode: 0o666)
            _ = try await plan.apply()

            #expect(try HostFile.text(path) == "new\n")
            #expect(try FileState(at: path)?.modeText == "0644")
        }
    }

    @Test func `a link in the place of a file is neither read nor replaced`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try write("secret\n", to: directory + "/secret")
            let place = try FilePlace(path)
            symlink("secret", path)

            #expect(place.directory.open(place.name) == -1 && errno == ELOOP)
            let error = #expect(throws: OperationError.self) { try HostFile.bytes(path) }
            #expect(error?.code == "is_a_link")
            #expect(try HostFile.text(path, following: true) == "secret\n")
        }
    }

    @Test func `what is told of an open file is of that file, whatever takes its place`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try write("old\n", to: path, mode: 0o600)
            let file = try #require(try OpenFile.at(path, following: false))

            unlink(path)
            try write("another\n", to: path)

            #expect(file.state.modeText == "0600")
            #expect(try file.bytes(limit: 99) == Array("old\n".utf8))
            #expect(try file.holds(Array("old\n".utf8)))
            let sha256 = try await file.sha256(in: testContext())
            #expect(sha256 == FileDigest.sha256(Array("old\n".utf8)))
        }
    }

    /// Whether directories are found by the same rules as the kernel's, where all links are trusted.
    @Test func `the way to a directory is that of the kernel`() async throws {
        try await withTemporaryDirectory { directory in
            let real = try #require(try HostPath.resolved(directory))
            mkdir(directory + "/a", 0o755)
            mkdir(directory + "/a/b", 0o755)
            symlink("a/b", directory + "/relative")
            symlink(directory + "/relative/..", directory + "/absolute")
            symlink("round", directory + "/round")
            symlink("none", directory + "/loose")
            try write("", to: directory + "/file")
            symlink("file", directory + "/to-file")

            for (name, place) in [
                ("relative", "a/b"), ("absolute", "a"), ("absolute//./b/", "a/b"), ("a/b/../b", "a/b"),
            ] {
                #expect(try HostDirectory("\(directory)/\(name)").realPath() == "\(real)/\(place)", "\(name)")
            }
            #expect(try HostDirectory("/").realPath() == "/")
            for (name, code) in [
                ("round", "is_a_link"), ("loose", "not_found"), ("file", "not_a_directory"),
                ("to-file", "not_a_directory"), ("file/below", "not_a_directory"), ("none/below", "not_found"),
            ] {
                let error = #expect(throws: OperationError.self) { _ = try HostDirectory("\(directory)/\(name)") }
                #expect(error?.code == code, "\(name): \(String(describing: error))")
            }
            let open = try HostDirectory(directory + "/a")
            #expect(try HostDirectory(open.openPath).realPath() == real + "/a")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func `a link of somebody else is followed only to a directory of theirs`() async throws {
        try await withTemporaryDirectory { directory in
            let stranger: uid_t = 65_534
            for name in ["theirs", "ours"] { mkdir("\(directory)/\(name)", 0o755) }
            chown(directory + "/theirs", stranger, stranger)
            for (link, target) in [("good", "theirs"), ("bad", "ours"), ("far", "bad"), ("trusted", "theirs")] {
                symlink(target, "\(directory)/\(link)")
                if link != "trusted" { lchown("\(directory)/\(link)", stranger, stranger) }
            }
            for link in ["good", "trusted"] {
                let data: JSONValue = ["path": .string("\(directory)/\(link)/file"), "content": .string(link)]
                try await checkApplied("file.deploy", data, in: directory)
            }
            for link in ["bad", "far"] {
                let path = JSONValue.string("\(directory)/\(link)/file")
                for (type, data) in [
                    ("file.deploy", ["path": path, "content": "x"]),
                    ("file.line", ["path": path, "line": "x", "create": true]),
                    ("file.link", ["path": path, "target": "x"]), ("file.directory", ["path": path]),
                    ("file.directory", ["path": .string("\(directory)/\(link)"), "mode": "0777"]),
                ] as [(String, JSONValue)] {
                    try await checkRefused(type, data, "is_a_link", in: directory)
                }
            }
        }
    }
}
