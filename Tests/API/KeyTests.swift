// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import API

struct KeyTests {
    // printf secret | sha256sum
    private let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

    @Test func `a key is known by the hash of its secret`() throws {
        let key = try #require(APIKey(name: "ci", secretHash: hash))
        let upper = try #require(APIKey(name: "ci", secretHash: hash.uppercased()))

        #expect(key.secretHash == APIKey(name: "", secret: "secret").secretHash)
        #expect(upper.secretHash == key.secretHash)
    }

    @Test(arguments: ["", "2bb8", "zz", String(repeating: "g", count: 64), String(repeating: "0", count: 65)])
    func `a hash that is none makes no key`(hash: String) {
        #expect(APIKey(name: "ci", secretHash: hash) == nil)
    }

    @Test func `each of several keys is found by its secret`() throws {
        let ring = KeyRing([APIKey(name: "a", secret: "one"), APIKey(name: "b", secret: "two")])

        #expect(try ring.name(for: "Bearer one") == "a")
        #expect(try ring.name(for: "bearer two") == "b")
        #expect(try ring.name(for: "BEARER two") == "b")
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer ", "one", "Basic one", "Bearer three", "Bearer one two", "Bearer onE"])
    func `anything else is unauthorized`(header: String?) {
        let ring = KeyRing([APIKey(name: "a", secret: "one"), APIKey(name: "b", secret: "two")])

        #expect(throws: APIError.self) { try ring.name(for: header) }
    }

    @Test func `without keys nobody gets in`() {
        #expect(throws: APIError.self) { try KeyRing([]).name(for: "Bearer ") }
        #expect(throws: APIError.self) { try KeyRing([]).name(for: "Bearer x") }
    }
}
