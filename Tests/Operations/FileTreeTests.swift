// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct FileTreeTests {
    @Test func `file.stat tells what is at a path, and that there is nothing`() async throws {
        try await withTemporaryDirectory { directory in
            try Data("abc".utf8).write(to: URL(filePath: directory + "/file"))
            chmod(directory + "/file", 0o640)
            symlink("file", directory + "/link")

            let file = try await run("file.stat", ["path": .string(directory + "//file/"), "sha256": true])
            #expect(file.data?["exists"] == true && file.text("kind") == "file" && file.text("mode") == "0640")
            #expect(file.number("size") == 3)
            #expect(file.text("owner") == FileOwner.userName(of: geteuid()))
            #expect(file.text("sha256") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(file.text("modified_at").flatMap(Timestamp.init) != nil)
            let link = try await run("file.stat", ["path": .string(directory + "/link"), "sha256": true])
            #expect(link.text("kind") == "link" && link.text("link_target") == "file" && link.text("sha256") == nil)
            let followed = try await run("file.stat", ["path": .string(directory + "/link"), "follow": true])
            #expect(followed.text("kind") == "file")
            let none = try await run("file.stat", ["path": .string(directory + "/none")])
            #expect(none.state == .completed && none.data?["exists"] == false)
            let device = try await run("file.stat", ["path": "/dev/null", "sha256": true])
            #expect(device.text("kind") == "device" && device.text("sha256") == nil)
        }
    }

    @Test func `file.absent takes away a file, a link, and a directory only with all in it where asked`() async throws {
        try await withTemporaryDirectory { directory in
            mkdir(directory + "/dir", 0o755)
            mkdir(directory + "/dir/inner", 0o755)
            try Data("abc".utf8).write(to: URL(filePath: directory + "/dir/inner/file"))
            symlink("dir", directory + "/link")
            symlink("../..", directory + "/dir/up")

            try await checkApplied("file.absent", ["path": .string(directory + "/link")], in: directory)
            #expect(try FileState(at: directory + "/dir/inner/file") != nil)
            try await checkRefused("file.absent", ["path": .string(directory + "/dir")], "not_empty", in: directory)
            let all: JSONValue = ["path": .string(directory + "/dir"), "recursive": true]
            let outcome = try await checkApplied("file.absent", all, in: directory)
            #expect(outcome.number("removed") == 4)
            #expect(try FileState(at: directory) != nil)
            try await checkApplied("file.absent", ["path": .string(directory + "/a/b")], in: directory, isChange: false)
        }
    }

    @Test func `file.absent keeps what it takes away where that is asked for`() async throws {
        try await withTemporaryDirectory { directory in
            mkdir(directory + "/dir", 0o755)
            try Data("abc".utf8).write(to: URL(filePath: directory + "/dir/file"))
            let data: JSONValue = ["path": .string(directory + "/dir"), "backup": true]
            let outcome = try await checkApplied("file.absent", data, in: directory)
            #expect(try HostFile.text((outcome.text("backup") ?? "") + "/file") == "abc")
        }
    }

    @Test(arguments: ["/", "/etc", "/usr//bin/", "/var/lib/.", "/proc", "/home", "/bin", "/var/run"])
    func `what belongs to the system is not taken away`(path: String) async throws {
        let data: JSONValue = ["path": .string(path), "recursive": true]
        // Never but as a dry run: a fault of this test shall not cost the machine.
        let outcome = try await run("file.absent", data, dryRun: true)
        #expect(outcome.state == .failed && outcome.error?.code == "protected_path", "\(outcome)")
    }

    @Test func `what belongs to the system is not reached by a link on the way`() async throws {
        try await withTemporaryDirectory { directory in
            symlink("/", directory + "/root")
            let path = JSONValue.string(directory + "/root/etc")
            let absent = try await run("file.absent", ["path": path, "recursive": true], dryRun: true)
            #expect(absent.error?.code == "protected_path")
            let owned = try await run("file.directory", ["path": path, "recursive": true, "owner": 0], dryRun: true)
            #expect(owned.error?.code == "protected_path")
        }
    }

    @Test func `work of the agent's own ends with the time of its run, and where the run is cancelled`() async throws {
        var context = testContext()
        context.deadline = .now - .seconds(1)
        for path in ["/etc/passwd", "/proc/self/environ"] {
            let file = try #require(try OpenFile.at(path, following: false))
            let error = await #expect(throws: OperationError.self) { try await file.sha256(in: context) }
            #expect(error?.state == .timedOut && error?.code == "timed_out")
        }
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await run("file.stat", ["path": "/etc/passwd", "sha256": true])
        }
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.state == .cancelled && outcome.changed == false, "\(outcome)")
    }

    @Test func `mount points are read as the kernel writes them`() {
        let table = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n29 22 0:24 / /mnt/with\\040space rw - tmpfs none rw\n"
        #expect(ProtectedPaths.mountPoints(in: table) == ["/", "/mnt/with space"])
    }

    @Test func `a directory is made with those above it, and gets another mode`() async throws {
        try await withTemporaryDirectory { directory in
            let path = JSONValue.string(directory + "/a/b/c")
            try await checkRefused("file.directory", ["path": path, "parents": false], "not_found", in: directory)
            try await checkApplied("file.directory", ["path": path, "mode": "0700"], in: directory)
            #expect(try FileState(at: directory + "/a/b")?.modeText == "0755")
            #expect(try FileState(at: directory + "/a/b/c")?.modeText == "0700")
            try await checkApplied("file.directory", ["path": path, "mode": "2750"], in: directory)
            try await checkApplied("file.directory", ["path": path], in: directory, isChange: false)

            try Data().write(to: URL(filePath: directory + "/file"))
            symlink("none", directory + "/loose")
            for name in ["/file", "/file/below", "/loose", "/loose/below"] {
                let data: JSONValue = ["path": .string(directory + name)]
                try await checkRefused("file.directory", data, "not_a_directory", in: directory)
            }
            symlink("a", directory + "/link")
            let link: JSONValue = ["path": .string(directory + "/link"), "mode": "0711"]
            try await checkApplied("file.directory", link, in: directory)
            #expect(try FileState(at: directory + "/a")?.modeText == "0711")
        }
    }

    @Test func `all in a directory gets its mode, and links are not followed`() async throws {
        try await withTemporaryDirectory { directory in
            mkdir(directory + "/tree", 0o755)
            mkdir(directory + "/tree/inner", 0o777)
            for name in ["/tree/inner/file", "/outside"] {
                try Data().write(to: URL(filePath: directory + name))
                chmod(directory + name, 0o666)
            }
            symlink("../outside", directory + "/tree/link")
            let data: JSONValue = [
                "path": .string(directory + "/tree"), "recursive": true, "mode": "0750", "file_mode": "0640",
            ]
            let outcome = try await checkApplied("file.directory", data, in: directory)
            #expect(outcome.number("looked_at") == 4)
            #expect(try FileState(at: directory + "/tree/inner")?.modeText == "0750")
            #expect(try FileState(at: directory + "/tree/inner/file")?.modeText == "0640")
            #expect(try FileState(at: directory + "/outside")?.modeText == "0666")
        }
    }

    @Test func `a link is made, led elsewhere, and takes the place of a file only by force`() async throws {
        try await withTemporaryDirectory { directory in
            let path = JSONValue.string(directory + "/link")
            let made = try await checkApplied("file.link", ["path": path, "target": "one"], in: directory)
            #expect(made.data?["target_exists"] == false)
            try await checkApplied("file.link", ["path": path, "target": "/dev/null"], in: directory)
            try Data().write(to: URL(filePath: directory + "/file"))
            let file: JSONValue = ["path": .string(directory + "/file"), "target": "one"]
            try await checkRefused("file.link", file, "exists", in: directory)
            let forced: JSONValue = ["path": .string(directory + "/file"), "target": "one", "force": true]
            try await checkApplied("file.link", forced, in: directory)
            mkdir(directory + "/dir", 0o755)
            let onDirectory: JSONValue = ["path": .string(directory + "/dir"), "target": "one", "force": true]
            try await checkRefused("file.link", onDirectory, "is_a_directory", in: directory)
            let nowhere: JSONValue = ["path": .string(directory + "/none/link"), "target": "one"]
            try await checkRefused("file.link", nowhere, "not_found", in: directory)
        }
    }
}
