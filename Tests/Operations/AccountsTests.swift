// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Operations

struct AccountsTests {
    private static let accounts = Accounts(
        passwd:
            "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann,,,:/home/ann:/bin/bash\nbroken\n+nis::::::\nbob:x:1001:9:::\n",
        group: "root:x:0:\nann:x:1000:\nadm:x:4:ann,bob\nwheel:x:10:ann\n",
        shadow: "root::1:0:9:7:::\nann:!$6$salt$hash:1:0:9:7::20000:\nbob:!:1::::::\n"
    )

    @Test func `users are read with their groups, and lines that are none passed over`() throws {
        let ann = try #require(Self.accounts.user("ann"))
        #expect(Self.accounts.users.map(\.name) == ["root", "ann", "bob"])
        #expect(Self.accounts.groups(of: ann) == ["adm", "wheel"])
        let told = Self.accounts.told(ann, people: 1000...60_000)
        #expect(told["expires"] == "2024-10-04" && told["group"] == "ann" && told["system"] == false)
        #expect(!"\(told)".contains("salt"))
    }

    @Test func `passwords are told by kind, locked ones too`() {
        #expect(Self.accounts.password(of: "root") == "none" && !Self.accounts.isLocked("root"))
        #expect(Self.accounts.password(of: "ann") == "set" && Self.accounts.isLocked("ann"))
        #expect(Self.accounts.password(of: "bob") == "unusable" && Self.accounts.isLocked("bob"))
        #expect(Self.accounts.password(of: "nobody") == "unusable")
        #expect(Accounts.days("2024-10-04") == 20_000 && Accounts.date(nil) == "never")
    }

    @Test func `a password is compared by its own salt`() throws {
        let hashes = try PasswordHash()
        let hash = try hashes.new("correct horse")
        #expect(hash.hasPrefix("$"))
        #expect(hashes.fits("correct horse", hash))
        #expect(!hashes.fits("correct horsE", hash))
        #expect(!hashes.fits("", "") && !hashes.fits("x", "*") && !hashes.fits("x", "!"))
        #expect(try hashes.new("correct horse") != hash)
    }

    @Test func `the order of accounts says nothing, and all else does`() {
        let passwd = "a:x:1:1::/a:/bin/sh\nb:x:2:2::/b:/bin/sh\n"
        let accounts = Accounts(passwd: passwd, group: "a:x:1:\nb:x:2:\n", shadow: "")
        let turned = Accounts(passwd: passwd, group: "b:x:2:\na:x:1:\n", shadow: "")
        let other = Accounts(passwd: passwd, group: "b:x:2:a\na:x:1:\n", shadow: "")
        #expect(!accounts.differs(from: turned) && accounts.differs(from: other))
    }

    @Test func `what useradd says tells whether the user is its own`() {
        func answer(_ code: Int32, _ errors: String = "") -> ToolResult {
            ToolResult(exitCode: code, output: [], errors: errors)
        }
        #expect(AccountToolExit.hasWritten(answer(12, "useradd: cannot create directory /srv/a")))
        #expect(AccountToolExit.hasWritten(answer(1, "useradd: failure while writing changes to /etc/shadow")))
        #expect(!AccountToolExit.hasWritten(answer(1, "useradd: cannot lock /etc/passwd; try again later.")))
        #expect(!AccountToolExit.hasWritten(answer(9, "useradd: user 'a' already exists")))
    }
}
