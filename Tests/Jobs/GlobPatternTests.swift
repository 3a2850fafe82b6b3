// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

struct GlobPatternTests {
    private static let table: [(pattern: String, text: String, fits: Bool)] = [
        ("web-*", "web-1", true), ("web-*", "web-", true), ("web-*", "web", false), ("web-*", "my-web-1", false),
        ("*", "", true), ("*", "x", true), ("**", "x", true), ("?", "", false), ("?", "é", true), ("?", "ab", false),
        ("web-?", "web-1", true), ("web-?", "web-10", false), ("*-1", "web-1", true), ("*-1", "web-11", false),
        ("w*b*1", "web-db-1", true), ("*b", "aabab", true), ("*ab*ab", "ab-ab", true), ("*ab*ab", "xab", false),
        ("[a-c]1", "b1", true), ("[a-c]1", "d1", false), ("[!a-c]1", "d1", true), ("[^a-c]1", "b1", false),
        ("[a-c0-9x]", "7", true), ("[a-c0-9x]", "x", true), ("[a-c0-9x]", "y", false), ("[]a]", "]", true),
        ("[a-]", "-", true), ("[!]]", "]", false), ("[*]", "*", true), ("[*]", "x", false), ("", "", true),
        ("", "x", false), ("a.b", "axb", false),
    ]

    @Test(arguments: table)
    func `a pattern fits the whole text or nothing`(pattern: String, text: String, fits: Bool) throws {
        #expect(try GlobPattern(pattern, at: 0).matches(text) == fits)
    }

    @Test(arguments: ["[", "[a", "x[!", "[]", "[c-a]"])
    func `a class that is not closed or runs backwards is refused`(pattern: String) {
        let error = #expect(throws: TargetError.self) { try GlobPattern(pattern, at: 10) }

        #expect(error?.code == .syntax)
        #expect((error?.position ?? 0) >= 10)
    }

    @Test func `below a pattern lies what follows a dot`() throws {
        let below = try GlobPattern("w?b", at: 0).below

        #expect(below.matches("web.dev"))
        #expect(!below.matches("web"))
        #expect(!below.matches("webby.dev"))
    }

    @Test func `a pattern of many stars is matched without going back over and over`() throws {
        let pattern = try GlobPattern(String(repeating: "a*", count: 1000) + "b", at: 0)
        let clock = ContinuousClock()

        let time = clock.measure { #expect(!pattern.matches(String(repeating: "a", count: 20_000))) }

        // Backtracking over every star would take longer than the universe has been there.
        #expect(time < .seconds(30))
    }
}
