// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct CertificateTests {
    private let directory = "/usr/local/share/ca-certificates"
    private let probe = """
        find /usr/local/share/ca-certificates /etc/ssl/certs | sort; sha256sum /etc/ssl/certs/ca-certificates.crt
        """

    /// Makes an authority and answers its certificate in PEM.
    private func authority(_ name: String, on host: ScratchHost) async throws -> String {
        try await host.shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -days 30 \
                -subj '/CN=\(name)' -out /tmp/\(name).pem 2>/dev/null; cat /tmp/\(name).pem
            """
        )
    }

    @Test func `an authority is trusted until it is removed`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("unset TMPDIR; rm -f \(directory)/*; update-ca-certificates --fresh")
            let pem = try await authority("mine", on: host)
            let data: JSONValue = ["name": "mine", "certificate": .string("\r\n" + pem + "\n")]
            let added = try await host.checkApplied("ca.add", data, probe: probe)
            try await host.shell("openssl verify /tmp/mine.pem && test \"$(stat -c %a \(directory)/mine.crt)\" = 644")
            let hash = try await host.shell("openssl x509 -in /tmp/mine.pem -outform DER | sha256sum | cut -d' ' -f1")
            #expect(added.data["fingerprint"]?.string.map { $0 + "\n" } == hash)
            let listed = try await host.run("ca.list")
            let one = try #require(listed.data["authorities"]?.array?.first)
            #expect(
                one["name"] == "mine" && one["subject"] == "CN=mine" && one["fingerprint"] == added.data["fingerprint"]
            )
            #expect(one["not_after"]?.string.flatMap { Timestamp($0) } != nil)

            let other = try await host.run("ca.add", ["name": "other", "certificate": .string(pem)])
            #expect(other.changed == false && other.data["name"] == "mine")
            let fingerprint = try #require(added.data["fingerprint"])
            try await host.checkApplied("ca.remove", ["fingerprint": fingerprint], probe: probe)
            try await host.shell("! openssl verify /tmp/mine.pem 2>/dev/null")
            try await host.checkApplied("ca.remove", ["name": "mine"], isChange: false, probe: probe)
        }
    }

    @Test func `an authority that the stores have lost is put into them again`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            let data: JSONValue = ["name": "mine", "certificate": .string(pem)]
            _ = try await host.run("ca.add", data)
            try await host.shell("rm /etc/ssl/certs/mine.pem")
            try await host.checkApplied("ca.add", data, probe: probe)
            try await host.shell("test -e /etc/ssl/certs/mine.pem")
        }
    }

    @Test func `files that Debian's program passes over are no authorities`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            try await host.shell("cp /tmp/mine.pem \(directory)/mine.pem")
            let listed = try await host.run("ca.list")
            #expect(listed.data["authorities"]?.array?.contains { $0["name"] == "mine" } == false, "\(listed)")
            let data: JSONValue = ["name": "mine", "certificate": .string(pem)]
            try await host.checkApplied("ca.add", data, probe: probe)
            try await host.shell("openssl verify /tmp/mine.pem && test -e \(directory)/mine.crt")
        }
    }

    @Test func `an authority is known under the names that distributions give its link`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            let name = "My CA, the new (one)"
            try await host.shell("cp /tmp/mine.pem '\(directory)/\(name).crt'; unset TMPDIR; update-ca-certificates")
            let data: JSONValue = ["name": "other", "certificate": .string(pem)]
            let added = try await host.checkApplied("ca.add", data, isChange: false, probe: probe)
            #expect(added.data["name"] == .string(name))
            // That of Alpine, as its program makes it.
            try await host.shell("cd /etc/ssl/certs && mv My_CA* 'ca-cert-\(name).pem'")
            try await host.checkApplied("ca.add", data, isChange: false, probe: probe)
        }
    }

    @Test func `another certificate takes the place of one of its name`() async throws {
        try await ScratchHost.with { host in
            let first = try await authority("first", on: host)
            let second = try await authority("second", on: host)
            _ = try await host.run("ca.add", ["name": "mine", "certificate": .string(first)])
            try await host.checkApplied("ca.add", ["name": "mine", "certificate": .string(second)], probe: probe)
            try await host.shell("openssl verify /tmp/second.pem && ! openssl verify /tmp/first.pem 2>/dev/null")
            // Programs that look for one by its name find it in the directory.
            try await host.shell("openssl verify -no-CAfile -CApath /etc/ssl/certs /tmp/second.pem")
        }
    }

    @Test func `stores that cannot be made anew leave everything as it was`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            _ = try await host.run("ca.add", ["name": "kept", "certificate": .string(pem)])
            let new = try await authority("new", on: host)
            // Fails as long as the certificate that is added is there, or that which is removed is not.
            try await host.shell(
                """
                cat >/usr/local/sbin/update-ca-certificates <<'END'
                #!/bin/sh
                if [ -e \(directory)/new.crt ] || [ ! -e \(directory)/kept.crt ]; then echo full >&2; exit 1; fi
                exec /usr/sbin/update-ca-certificates
                END
                chmod 755 /usr/local/sbin/update-ca-certificates
                """
            )
            let before = try await host.shell(probe)
            let added = try await host.run("ca.add", ["name": "new", "certificate": .string(new)])
            let removed = try await host.run("ca.remove", ["name": "kept"])
            let after = try await host.shell(probe)
            for outcome in [added, removed] {
                #expect(outcome.error?.code == "tool_failed" && outcome.changed == false, "\(outcome)")
            }
            #expect(before == after)
        }
    }

    @Test func `what is no certificate is refused`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            let before = try await host.shell(probe)
            let middle = pem.replacing("MII", with: "MIA")
            for text in [
                "x", pem + pem, middle, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + pem,
            ] {
                let outcome = try await host.run("ca.add", ["name": "bad", "certificate": .string(text)])
                #expect(outcome.error?.code == "invalid_certificate" && outcome.changed == false, "\(outcome)")
            }
            for name in ["../x", ".hidden", "-x", "a b"] {
                let outcome = try await host.run("ca.add", ["name": .string(name), "certificate": .string(pem)])
                #expect(outcome.error?.code == "invalid_parameters", "\(name)")
            }
            let after = try await host.shell(probe)
            #expect(before == after)
        }
    }

    /// No Red Hat here: a stand-in for its program says where certificates go.
    @Test func `the directory of Red Hat is used where its program is`() async throws {
        try await ScratchHost.with { host in
            let pem = try await authority("mine", on: host)
            try await host.shell(
                """
                rm /usr/sbin/update-ca-certificates; mkdir -p /etc/pki/ca-trust/source/anchors
                printf '#!/bin/sh\\necho "$@" >/tmp/asked\\n' >/usr/local/sbin/update-ca-trust
                chmod 755 /usr/local/sbin/update-ca-trust
                """
            )
            let data: JSONValue = ["name": "mine", "certificate": .string(pem)]
            try await host.checkApplied("ca.add", data, probe: "ls /etc/pki/ca-trust/source/anchors")
            let asked = try await host.shell("cat /tmp/asked; ls /etc/pki/ca-trust/source/anchors")
            #expect(asked == "extract\nmine.crt\n")
            try await host.shell("rm /usr/local/sbin/update-ca-trust")
            let none = try await host.run("ca.list")
            #expect(none.status == "skipped")
        }
    }
}
