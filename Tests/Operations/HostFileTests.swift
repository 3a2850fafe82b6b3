// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct HostFileTests {
    /// The certificate of the example in the catalogue.
    private var certificate: String {
        OperationCatalogue.builtIn["ca.add"]?.examples.first?.data["certificate"]?.string ?? ""
    }

    private func makeFiles(_ files: [String: String], in directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: directory + "/" + name)) }
    }

    @Test func `the hosts file gets the name once`() {
        let text = "127.0.0.1\tlocalhost\n127.0.1.1 old.example old # note\n::1 localhost\n"
        let named = HostnameFiles.naming("new.example", in: text)
        #expect(named == "127.0.0.1\tlocalhost\n127.0.1.1\tnew.example new\n::1 localhost\n")
        #expect(HostnameFiles.naming("new.example", in: named) == named)
        #expect(HostnameFiles.naming("new", in: nil) == "127.0.0.1\tlocalhost\n127.0.1.1\tnew\n")
    }

    @Test func `the names of kernel settings are one however they are written`() {
        #expect(SysctlKey("net.ipv4.ip_forward") == SysctlKey("net/ipv4/ip_forward"))
        #expect(SysctlKey("net.ipv4.conf.eth0/100.forwarding")?.path == "/proc/sys/net/ipv4/conf/eth0.100/forwarding")
        #expect(SysctlKey("net/ipv4/conf/eth0.100/forwarding")?.name == "net.ipv4.conf.eth0/100.forwarding")
        for text in ["", "net", ".net.x", "net..x", "net/../x", "net/./x", "net. x", "net.*.x", "net/x/", "a.b\u{e4}"] {
            #expect(SysctlKey(text) == nil, "\(text)")
        }
        // Between dots a slash is a dot, so that this would lead upwards.
        #expect(SysctlKey("net.//.x") == nil)
    }

    @Test func `a setting takes the place of the last one in its file`() throws {
        let key = try #require(SysctlKey("net.ipv4.ip_forward"))
        let text = "# net.ipv4.ip_forward = 5\nnet.ipv4.ip_forward=0\nvm.x = 1\n-net/ipv4/ip_forward = 2\n"
        #expect(SysctlFile.value(of: key, in: text) == "2")
        let changed = SysctlFile.setting(key, to: "1", in: text)
        #expect(changed == "# net.ipv4.ip_forward = 5\nvm.x = 1\nnet.ipv4.ip_forward = 1\n")
        #expect(SysctlFile.setting(key, to: "1", in: "a.b = c") == "a.b = c\nnet.ipv4.ip_forward = 1\n")
    }

    @Test func `a process is read whatever it is called`() async throws {
        try await withTemporaryDirectory { root in
            let files = [
                "stat": "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 3 0 1000 9 100 1 1 1\n",
                "status": "Name:\tx\nUid:\t0\t33\t0\t0\n", "cmdline": "/bin/x\0-a\0b c\0",
            ]
            try makeFiles(files, in: root + "/7")
            let process = try #require(HostProcess(7, root: root))
            #expect(process.name == "a) b (c" && process.parent == 1 && process.uid == 33 && process.threads == 3)
            #expect(process.command == "/bin/x -a b c" && process.startTicks == 1000)
            #expect(process.cpuMilliseconds == 3000)
            #expect(HostProcess(8, root: root) == nil)
        }
    }

    @Test func `entries of the journal are read`() {
        let line = #"{"MESSAGE":[104,105,255],"PRIORITY":"3","__REALTIME_TIMESTAMP":"1795249800125000","_PID":"42"}"#
        #expect(
            JournalEntry.told(Substring(line)) == [
                "message": "hi\u{fffd}", "priority": "err", "time": "2026-11-21T08:30:00.125Z", "pid": 42,
            ]
        )
        #expect(JournalEntry.told("nonsense") == nil)
        #expect(JournalEntry.told(#"{"MESSAGE":null}"#) == ["message": ""])
    }

    @Test func `one certificate is read from its text`() {
        let text = certificate
        let one = CertificateText("\n \n" + text.replacing("\n", with: "\r\n"))
        #expect(one?.text == text)
        #expect(one?.fingerprint.count == 64)
        for wrong in ["", text + text, String(text.dropLast(30)), text.replacing("MIIB", with: "MIIC")] {
            #expect(CertificateText(wrong) == nil)
        }
    }
}
