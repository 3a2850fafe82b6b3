// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobKeys
import Signing
import Testing

struct JobKeyDirectoryTests {
    private func withDirectory(_ body: (JobKeyDirectory, URL) throws -> Void) throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "broker-job-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: state) }
        try body(JobKeyDirectory(stateDirectory: state.path), state.appending(path: "job-keys"))
    }

    private func mode(_ url: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }

    @Test func `the first key is made once, for its owner alone`() throws {
        try withDirectory { directory, files in
            #expect(try directory.open()?.key.id == nil)

            let made = try directory.openOrCreate()
            let again = try directory.openOrCreate()

            #expect(again.key.id == made.key.id)
            #expect(again.sets == made.sets)
            #expect(try mode(files) == 0o700)
            #expect(try mode(files.appending(path: "\(made.key.id).key")) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).count == 2)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `what root makes belongs to the user of the state directory`() throws {
        try withDirectory { directory, files in
            let state = files.deletingLastPathComponent()
            try FileManager.default.setAttributes([.ownerAccountID: 12_345], ofItemAtPath: state.path)

            _ = try directory.openOrCreate()
            _ = try directory.rotate()

            let all = try FileManager.default.contentsOfDirectory(atPath: files.path).map { files.appending(path: $0) }
            #expect(all.count == 4)
            for file in all + [files] {
                let owner = try FileManager.default.attributesOfItem(atPath: file.path)[.ownerAccountID] as? Int
                #expect(owner == 12_345, "\(file.lastPathComponent)")
            }
        }
    }

    @Test func `a new key signs, and whoever trusts the old one takes it`() throws {
        try withDirectory { directory, _ in
            let old = try directory.openOrCreate()

            let set = try directory.rotate()

            let new = try directory.openOrCreate()
            #expect(new.key.id != old.key.id)
            #expect(new.current == set)
            #expect(set.keys.map(\.id) == [old.key.id, new.key.id])
            #expect(old.current.isFollowed(by: set))
        }
    }

    @Test func `a retired key is gone, and whoever trusts it alone hears of that`() throws {
        try withDirectory { directory, files in
            let old = try directory.openOrCreate()
            let first = old.current
            _ = try directory.rotate()

            let set = try directory.retire(old.key.id)

            #expect(set.keys.map(\.id) == [try directory.openOrCreate().key.id])
            #expect(first.isFollowed(by: set), "the last thing that the old key vouches for")
            #expect(!FileManager.default.fileExists(atPath: files.appending(path: "\(old.key.id).key").path))
            #expect(throws: JobKeyError.self) { try directory.retire(old.key.id) }
        }
    }

    @Test func `an agent that was away for many changes is led from set to set`() throws {
        try withDirectory { directory, _ in
            var trusted = try directory.openOrCreate().current
            for _ in 1...5 {
                let retired = try directory.openOrCreate().key.id
                _ = try directory.rotate()
                _ = try directory.retire(retired)
            }

            let signer = try directory.openOrCreate()
            for set in signer.sets(above: trusted.version) where trusted.isFollowed(by: set) { trusted = set }

            #expect(trusted == signer.current)
            #expect(trusted.version == 11)
        }
    }

    @Test func `the key that signs is not retired`() throws {
        try withDirectory { directory, _ in
            let signer = try directory.openOrCreate()

            let error = #expect(throws: JobKeyError.self) { try directory.retire(signer.key.id) }

            #expect(error?.code == .inUse)
            #expect(try directory.openOrCreate().current == signer.current)
        }
    }

    @Test func `what was damaged is not used`() throws {
        try withDirectory { directory, files in
            let signer = try directory.openOrCreate()
            let key = files.appending(path: "\(signer.key.id).key")
            let set = files.appending(path: "set-1")
            let whole = try String(contentsOf: key, encoding: .utf8)

            try Data(JobKey().seed).base64EncodedString().write(to: key, atomically: true, encoding: .utf8)
            #expect(throws: JobKeyError.self, "another key") { try directory.openOrCreate() }
            try whole.write(to: key, atomically: true, encoding: .utf8)
            try "version 2\n".write(to: set, atomically: true, encoding: .utf8)
            #expect(throws: JobKeyError.self, "no set") { try directory.openOrCreate() }
        }
    }
}
