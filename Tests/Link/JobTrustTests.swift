// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Link
import Runner
import Signing
import Testing
import Wire

struct JobTrustTests {
    private let old = JobKey()
    private let new = JobKey()

    private func set(_ version: UInt64, _ keys: [JobKey], signedBy signers: [JobKey]) throws -> JobKeySet {
        try JobKeySet(version: version, keys: keys.map(\.publicKey), signedBy: signers)
    }

    /// Whether an agent that trusts `trust` executes what `key` has signed.
    private func isBelieved(_ key: JobKey, by trust: JobTrust) throws -> Bool {
        let controller = try TestController()
        let run = TestController.assignment(1)
        let sealed = try controller.sealed(run)
        let signature = try key.sign(sealed.content, as: .job)
        let signed = sealed.with(keyID: key.id, signature: Data(signature.bytes))
        return controller.verifier(trusting: trust).open(signed, delayedBy: .zero) == .accepted(.run(run))
    }

    private func withFiles(_ body: (_ given: URL, _ learned: URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-trust-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "given"), directory.appending(path: "learned"))
    }

    private func open(_ given: URL, _ learned: URL) throws -> JobTrust {
        try JobTrust(file: given.path, learned: learned.path, logger: silentLogger)
    }

    @Test func `a key that a trusted one vouches for is trusted, and one that is left out is not any more`() throws {
        let trust = JobTrust(try set(1, [old], signedBy: []))
        #expect(try isBelieved(old, by: trust))
        #expect(try !isBelieved(new, by: trust))

        trust.learn([try set(2, [old, new], signedBy: [old]).text])
        #expect(try isBelieved(old, by: trust))
        #expect(try isBelieved(new, by: trust))

        trust.learn([try set(3, [new], signedBy: [new]).text])
        #expect(try !isBelieved(old, by: trust))
        #expect(try isBelieved(new, by: trust))
        #expect(trust.version == 3)
    }

    @Test func `what was believed once is not believed any more when its key is not trusted any more`() throws {
        let trust = JobTrust(try set(1, [old], signedBy: []))
        let controller = try TestController()
        let sealed = try controller.sealed(TestController.assignment(1))
        let signature = try old.sign(sealed.content, as: .job)
        let signed = sealed.with(keyID: old.id, signature: Data(signature.bytes))
        let verifier = controller.verifier(trusting: trust)
        func isBelieved(_ sealed: SealedDelivery) -> Bool {
            if case .accepted = verifier.open(sealed, delayedBy: .zero) { true } else { false }
        }
        #expect(isBelieved(signed) && isBelieved(signed))
        #expect(!isBelieved(signed.with(content: signed.content + [0])), "other bytes under the same signature")
        #expect(!isBelieved(signed.with(kind: .cancel)), "for something else")
        #expect(isBelieved(signed))

        trust.learn([try set(2, [new], signedBy: [old]).text])

        #expect(!isBelieved(signed))
    }

    @Test func `a controller without a trusted key teaches nothing`() throws {
        let trust = JobTrust(try set(5, [old], signedBy: []))

        trust.learn([
            try set(6, [new], signedBy: [new]).text, try set(6, [old, new], signedBy: []).text,
            try set(4, [old, new], signedBy: [old]).text, "version 9\n", "",
        ])

        #expect(trust.version == 5)
        #expect(try !isBelieved(new, by: trust))
    }

    @Test func `what was learned counts after a restart`() throws {
        try withFiles { given, learned in
            try set(1, [old], signedBy: []).text.write(to: given, atomically: true, encoding: .utf8)
            try open(given, learned).learn([try set(2, [new], signedBy: [old]).text])

            let trust = try open(given, learned)

            #expect(trust.version == 2)
            #expect(try isBelieved(new, by: trust))
            #expect(try !isBelieved(old, by: trust))
        }
    }

    @Test func `other keys that are given take the place of what was learned from the first ones`() throws {
        try withFiles { given, learned in
            try set(1, [old], signedBy: []).text.write(to: given, atomically: true, encoding: .utf8)
            try open(given, learned).learn([try set(7, [old], signedBy: [old]).text])

            try set(1, [new], signedBy: []).text.write(to: given, atomically: true, encoding: .utf8)

            let trust = try open(given, learned)
            #expect(trust.version == 1)
            #expect(try isBelieved(new, by: trust))
            #expect(try !isBelieved(old, by: trust))
        }
    }

    @Test(arguments: ["version 2\n", "# Learned from the controller", "\u{0}"])
    func `a damaged file of what was learned is passed over`(_ text: String) throws {
        try withFiles { given, learned in
            try set(1, [old], signedBy: []).text.write(to: given, atomically: true, encoding: .utf8)
            try text.write(to: learned, atomically: true, encoding: .utf8)

            #expect(try open(given, learned).version == 1)
        }
    }

    @Test func `keys that somebody else can change are not used`() throws {
        try withFiles { given, learned in
            let text = try set(1, [old], signedBy: []).text
            try text.write(to: given, atomically: true, encoding: .utf8)
            try open(given, learned).learn([try set(2, [old], signedBy: [old]).text])
            for file in [learned, given] {
                try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
                if file == learned { #expect(try open(given, learned).version == 1) }
            }

            let error = #expect(throws: LinkTrustError.self) { try open(given, learned) }
            #expect(error?.description.contains("can be written by others") == true)
        }
    }

    @Test func `without keys there is no agent`() throws {
        try withFiles { given, learned in
            #expect(throws: LinkTrustError.self) { try open(given, learned) }
            try "version 1\n".write(to: given, atomically: true, encoding: .utf8)
            #expect(throws: LinkTrustError.self) { try open(given, learned) }
        }
    }
}
