// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

struct AuthorizedKeyTests {
    private static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIJ1wEDV7YCpB4ugGPSOMLnNuTCEyTTVhGWTPNvWh0HxB"

    @Test func `a line is read with its options and its comment`() throws {
        let plain = try #require(AuthorizedKey(line: "ssh-ed25519 \(Self.key)"))
        #expect(plain.options == nil && plain.comment.isEmpty && plain.type == "ssh-ed25519")
        let options = #"restrict,command="/usr/bin/run \"a b\" c""#
        let full = try #require(AuthorizedKey(line: "  \(options) ssh-ed25519 \(Self.key)  of two words "))
        #expect(full.options == options && full.comment == "of two words")
        #expect(full.isSame(as: plain))
        #expect(full.line == "\(options) ssh-ed25519 \(Self.key) of two words")
    }

    @Test(arguments: [
        "", "# ssh-ed25519 \(key)", "ssh-rsa \(key)", "ssh-ed25519 AAAA", "ssh-ed25519", "restrict",
        "ssh-ed25519 nonsense!",
        "ssh-ed25519 \(key)\nssh-ed25519 \(key)",
    ])
    func `what is no key is none`(_ line: String) {
        #expect(AuthorizedKey(line: line) == nil)
    }

    @Test func `options are told from what would end them`() {
        #expect(AuthorizedKey.areOptions("restrict,pty"))
        #expect(AuthorizedKey.areOptions(#"from="10.0.0.0/8",command="a b""#))
        #expect(!AuthorizedKey.areOptions("restrict pty"))
        #expect(!AuthorizedKey.areOptions(#"command="a b"#))
        #expect(!AuthorizedKey.areOptions(""))
    }
}
