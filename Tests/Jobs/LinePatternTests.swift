// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct LinePatternTests {
    @Test(arguments: [
        ("^#?Port ", "Port 22"), ("^#?Port ", "#Port 22"), ("b+", "abbc"), ("^a{2,3}$", "aaa"), ("x|y|^$", ""),
        ("[[:digit:]]+\\.[0-9]", "v1.5"), ("[^a-c]", "abcd"), ("[]x]", "]"), ("[a-]", "-"), ("\\broot\\b", "a root b"),
        ("(?i)^permitroot", "PermitRootLogin"), ("(ab|cd)*e$", "abcdabe"), ("a.c", "aéc"), ("\\s\\d\\w", "a 1_"),
        ("[\\w.]+@", "a.b@"), ("{", "a{b"), ("a{,2}", "a{,2}"), ("^(?:a|b){3}$", "abb"), ("a*?b", "aab"), ("\\$", "$"),
        ("^\\S+\\s+/srv", "/dev/sda1 /srv"), ("[[:alpha:]_]", "_"), ("é", "café"), ("(a*)*$", "aaa"), ("\\Boo", "foo"),
    ])
    func `a pattern is found in a line`(pattern: String, line: String) throws {
        #expect(try LinePattern(pattern).isFound(in: line.utf8))
    }

    @Test(arguments: [
        ("^Port", " Port"), ("^a{2,3}$", "aaaa"), ("[^a-c]", "abc"), ("\\broot\\b", "chroots"), ("a.c", "ac"),
        ("(?i)[^a]", "A"), ("^$", "x"), ("x+", ""), ("\\D", "12"), ("a\\.b", "axb"), ("[.]", "x"),
        ("^(?:a|b){3}$", "ab"),
    ])
    func `a pattern is not found in another line`(pattern: String, line: String) throws {
        #expect(try !LinePattern(pattern).isFound(in: line.utf8))
    }

    @Test(arguments: [
        ("(", "'(' without ')'"), ("a)", "')' without '('"), ("[a", "'[' without ']'"), ("*a", "nothing before"),
        ("(a)\\1", "no back-references"), ("(?=a)", "only known as"), ("a{3,2}", "less than the first"),
        ("\\q", "'\\q' is not known"), ("[z-a]", "not a range"), ("[[:word:]]", "no class"), ("a\\", "nothing after"),
        ("((a{100}){100}){100}", "too much work"), ("((){1000}){1000}", "too much work"), ("a{1001}", "at most 1000"),
        (String(repeating: "a", count: 1025), "at most 1024 characters"),
        (String(repeating: "(", count: 60), "too many parentheses"),
    ])
    func `what is no pattern, or too much work, is refused with its reason`(pattern: String, reason: String) {
        let failure = #expect(throws: LinePattern.Failure.self) { try LinePattern(pattern) }
        #expect(failure?.description.contains(reason) == true, "\(failure?.description ?? "")")
    }

    @Test func `patterns that hold up other engines are found out in time proportional to the line`() throws {
        let line = String(repeating: "a", count: 5000) + "!"

        for text in ["^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(.*a){20}b"] {
            let pattern = try LinePattern(text)
            #expect(!pattern.isFound(in: line.utf8))
        }
    }

    @Test func `bytes that are no UTF-8 are passed over`() throws {
        #expect(try LinePattern("^name=.+x$").isFound(in: Array("name=".utf8) + [0xE9] + Array("x".utf8)))
    }
}
