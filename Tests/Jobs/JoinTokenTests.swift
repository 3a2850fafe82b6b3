// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct JoinTokenTests {
    private let digits = String(repeating: "0a", count: 32)

    @Test func `a token is one word and is read again`() {
        let token = JoinToken(url: "https://broker.example.org:8443/ü?", authority: digits, secret: "s3cret")

        let text = token.text

        #expect(JoinToken(text) == token)
        #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"+/='\"".utf8.contains($0) })
    }

    @Test(arguments: [
        "", "broker-join.", "broker-join.e30", "broker-join.!!!!", "broker-join.bm8ganNvbg", "another.e30",
        "broker-join." + String(repeating: "A", count: 5000),
    ])
    func `what is no token is none`(text: String) {
        #expect(JoinToken(text) == nil)
    }

    @Test func `a token whose fingerprint is none is none`() {
        let token = JoinToken(url: "https://a", authority: "0a0a", secret: "s")

        #expect(JoinToken(token.text) == nil)
    }

    @Test func `a fingerprint is read as people write it`() {
        let colons = stride(from: 0, to: 64, by: 2).map { _ in "0A" }.joined(separator: ":")

        #expect(CertificateFingerprint(colons)?.digits == digits)
        #expect(CertificateFingerprint("sha256:\(digits)")?.digits == digits)
        #expect(CertificateFingerprint(String(digits.dropLast())) == nil)
        #expect(CertificateFingerprint(String(repeating: "g", count: 64)) == nil)
    }
}
