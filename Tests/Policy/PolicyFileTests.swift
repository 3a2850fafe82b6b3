// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Policy
import Testing

struct PolicyFileTests {
    private func withPath(_ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-policy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "policy"))
    }

    private func open(_ url: URL, mustExist: Bool = true) -> PolicyFile {
        PolicyFile(
            path: url.path,
            mustExist: mustExist,
            user: "root",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func write(_ text: String, to url: URL, mode: Int = 0o644) throws {
        try text.write(to: url, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }

    /// Which of two operations may run.
    private func allowed(_ file: PolicyFile) -> [String] {
        ["ping", "host.facts"].filter { file.decide(operation: $0, submitter: "ann").refusal == nil }
    }

    @Test func `a refusal names the file and the line`() throws {
        try withPath { url in
            try write("\ndeny operation=host.facts", to: url)

            let decision = open(url).decide(operation: "host.facts", submitter: "ann")

            #expect(decision.refusal == "\(url.path), line 2: deny operation=host.facts")
        }
    }

    @Test func `a change counts for the next run`() throws {
        try withPath { url in
            try write("deny operation=host.facts", to: url)
            let file = open(url)
            #expect(allowed(file) == ["ping"])

            try write("deny operation=ping", to: url)
            #expect(allowed(file) == ["host.facts"])
            try write("", to: url)
            #expect(allowed(file) == ["ping", "host.facts"])
        }
    }

    @Test func `a file that cannot be understood, or is gone, allows nothing but ping, until it is mended`() throws {
        try withPath { url in
            try write("allow", to: url)
            let file = open(url, mustExist: false)
            #expect(allowed(file) == ["ping", "host.facts"])

            #expect(file.condition == .active)
            try write("allow operation=", to: url)
            #expect(allowed(file) == ["ping"])
            #expect(file.condition == .broken)
            #expect(file.decide(operation: "host.facts", submitter: nil).refusal?.contains("line 1") == true)
            try write("allow", to: url)
            #expect(allowed(file) == ["ping", "host.facts"])
            try FileManager.default.removeItem(at: url)
            #expect(allowed(file) == ["ping"])
        }
    }

    @Test func `a file that was never there forbids nothing, unless there has to be one`() throws {
        try withPath { url in
            #expect(allowed(open(url, mustExist: false)) == ["ping", "host.facts"])
            #expect(open(url, mustExist: false).condition == .none)
            #expect(allowed(open(url)) == ["ping"])
        }
    }

    @Test(arguments: [0o664, 0o646, 0o666, 0o622])
    func `a file that others can write is not used`(_ mode: Int) throws {
        try withPath { url in
            try write("allow", to: url, mode: mode)

            #expect(allowed(open(url)) == ["ping"])
            let error = #expect(throws: PolicyError.self) { try PolicyFile.read(url.path) }
            #expect(error?.description.contains("can be written by others") == true)
        }
    }

    @Test(arguments: [0o600, 0o400, 0o644, 0o755])
    func `a file that only its owner can write is used`(_ mode: Int) throws {
        try withPath { url in
            try write("allow", to: url, mode: mode)

            #expect(allowed(open(url)) == ["ping", "host.facts"])
        }
    }

    @Test func `a mode that is changed while the file stays the same counts`() throws {
        try withPath { url in
            try write("allow", to: url)
            let file = open(url)
            #expect(allowed(file) == ["ping", "host.facts"])

            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: url.path)

            #expect(allowed(file) == ["ping"])
        }
    }

    @Test func `a file in a directory that others can write is not used`() throws {
        try withPath { url in
            try write("allow", to: url)
            let directory = url.deletingLastPathComponent().path
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)

            #expect(allowed(open(url)) == ["ping"])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func `a file of another user is not used`() throws {
        try withPath { url in
            try write("allow", to: url)
            try FileManager.default.setAttributes([.ownerAccountID: 12_345], ofItemAtPath: url.path)

            #expect(allowed(open(url)) == ["ping"])
            let error = #expect(throws: PolicyError.self) { try PolicyFile.read(url.path) }
            #expect(error?.description.contains("belongs to the user 12345") == true)
        }
    }

    @Test func `what is no text, or no file, is not used`() throws {
        try withPath { url in
            try Data([0xFF, 0xFE]).write(to: url)
            #expect(allowed(open(url)) == ["ping"])
            try FileManager.default.removeItem(at: url)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            #expect(allowed(open(url)) == ["ping"])
        }
    }
}
