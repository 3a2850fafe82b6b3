// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

struct HostLinesTests {
    @Test func `lines are made of what comes bit by bit, each with its host`() {
        var lines = HostLines("web-1")

        #expect(lines.take(Array("he".utf8)) == "")
        #expect(lines.take(Array("llo\n\nth".utf8)) == "web-1: hello\nweb-1: \n")
        #expect(lines.take(Array("ere\r\n".utf8)) == "web-1: there\n")
        #expect(lines.finish() == "")
        #expect(lines.take(Array("end".utf8)) == "" && lines.finish() == "web-1: end\n" && lines.finish() == "")
    }

    @Test func `what a terminal would obey is made visible, and a line without end is broken`() {
        var lines = HostLines("web-1")

        #expect(!lines.take(Array("\u{1B}[2Jx\n".utf8)).contains("\u{1B}"))
        let long = lines.take(Array(repeating: 0x78, count: HostLines.longest + 1))
        #expect(long.hasPrefix("web-1: xxx") && long.hasSuffix("x\n"))
    }
}
