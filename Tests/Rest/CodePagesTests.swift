// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Rest

/// Code that is mapped, of made-up processes and of this one.
struct CodePagesTests {
    @Test func `only code of files is given back`() {
        let maps = """
            55d0a8600000-55d0a8642000 r--p 00000000 fd:00 12 /usr/bin/broker-agent
            55d0a8642000-55d0aa000000 r-xp 00042000 fd:00 12 /usr/bin/broker-agent
            55d0aa000000-55d0aa100000 rw-p 01a00000 fd:00 12 /usr/bin/broker-agent
            55d0ab000000-55d0ab021000 rw-p 00000000 00:00 0 [heap]
            7f0000000000-7f0000001000 r-xp 00000000 00:00 0
            7f0000002000-7f0000004000 r-xp 00001000 fd:00 13                 /usr/lib/a library.so (deleted)
            7f0000004000-7f0000006000 rwxp 00001000 fd:00 13                 /usr/lib/written.so
            7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0 [vdso]
            no line of a map
            """

        #expect(
            CodePages.ranges(inMaps: maps) == [
                .init(start: 0x55d0_a864_2000, size: 0x19b_e000), .init(start: 0x7f00_0000_2000, size: 0x2000),
            ]
        )
    }

    @Test func `code that was given back is not resident, and runs again when it is needed`() throws {
        let before = try residentCode()
        CodePages.release()
        let after = try residentCode()

        // Other tests run at the same time, in code of their own.
        #expect(after < before, "\(before) and \(after) KiB")
        #expect(["a", "b"].joined(separator: ",") == "a,b")
    }

    /// How much of the code of files is resident in this process, in KiB.
    private func residentCode() throws -> Int {
        let data = try #require(FileManager.default.contents(atPath: "/proc/self/smaps"))
        var (isCode, sum) = (false, 0)
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count >= 5, fields[0].contains("-") {
                isCode = fields[1] == "r-xp" && fields.last?.hasPrefix("/") == true
            } else if isCode, fields.count == 3, fields[0] == "Rss:" {
                sum += Int(fields[1]) ?? 0
            }
        }
        return sum
    }
}
