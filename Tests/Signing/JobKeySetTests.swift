// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct JobKeySetTests {
    private let first = JobKey()
    private let second = JobKey()
    private let stranger = JobKey()

    private func set(_ version: UInt64, _ keys: [JobKey], signedBy signers: [JobKey]) throws -> JobKeySet {
        try JobKeySet(version: version, keys: keys.map(\.publicKey), signedBy: signers)
    }

    @Test func `a set is read as it was written`() throws {
        let written = try set(3, [first, second], signedBy: [first, second])

        let read = try JobKeySet(parsing: written.text)

        #expect(read == written)
        #expect(read.text == written.text)
        #expect(read.keys.map(\.id) == [first.id, second.id])
        let unsigned = try set(1, [first], signedBy: [])
        #expect(try JobKeySet(parsing: unsigned.text) == unsigned)
    }

    @Test func `a set follows another where its version is higher and a key of that one has signed it`() throws {
        let now = try set(1, [first], signedBy: [])

        #expect(now.isFollowed(by: try set(2, [first, second], signedBy: [first])))
        #expect(now.isFollowed(by: try set(9, [second], signedBy: [second, first])))
        #expect(!now.isFollowed(by: try set(1, [first, second], signedBy: [first])), "not newer")
        #expect(!now.isFollowed(by: try set(2, [first, second], signedBy: [second])), "vouches for itself")
        #expect(!now.isFollowed(by: try set(2, [stranger], signedBy: [stranger])))
        #expect(!now.isFollowed(by: try set(2, [first, second], signedBy: [])))
    }

    @Test func `a set that was changed after it was signed follows nothing`() throws {
        let now = try set(1, [first], signedBy: [])
        let next = try set(2, [first, second], signedBy: [first])
        let line = try set(2, [stranger], signedBy: []).text.split(separator: "\n")[1]

        let more = try JobKeySet(
            parsing: next.text.replacing("signature", with: "\(line)\nsignature", maxReplacements: 1)
        )
        let newer = try JobKeySet(parsing: next.text.replacing("version 2", with: "version 3"))
        let commented = try JobKeySet(parsing: "# mine\n" + next.text)

        #expect(more.keys.count == 3)
        for changed in [more, newer, commented] { #expect(!now.isFollowed(by: changed)) }
        #expect(now.isFollowed(by: next))
    }

    @Test func `comments and empty lines say nothing, and the last line needs no end`() throws {
        let text = try set(1, [first], signedBy: []).text

        let read = try JobKeySet(parsing: "# of the controller in Bern\n\n" + text.dropLast())

        #expect(read.version == 1)
        #expect(read.keys == [first.publicKey])
    }

    @Test func `what is no set of keys is refused`() throws {
        let text = try set(1, [first], signedBy: [first]).text
        let key = text.split(separator: "\n")[1]
        let broken = [
            "", "version 1\n", "\(key)\n", "version x\n\(key)\n", "version 1\nversion 2\n\(key)\n",
            "version 1\n\(key)\n\(key)\n", "version 1\nkey 0011223344556677 \(key.split(separator: " ")[2])\n",
            "version 1\nkey \(first.id) AAAA\n", "version 1\nkey \(first.id) ?\n", "version 1\n\(key) more\n",
            "version 1\n\(key)\nsignature \(first.id) AAAA\n", text + "\(key)\n", "version 1\n\(key)\nlock x\n",
            text + String(repeating: "#\n", count: JobKeySet.maximumBytes),
        ]
        for text in broken {
            #expect(throws: SigningError.self, "\(text.prefix(80))") { try JobKeySet(parsing: text) }
        }
    }
}
