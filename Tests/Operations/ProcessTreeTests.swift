// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

struct ProcessTreeTests {
    @Test(arguments: [
        ("12 (sh) S 1 7 7 0", 1, true), ("12 (a) Z (b) S 34 7 7 0", 34, true), ("12 (sh) Z 1 7 7 0", 1, false),
        ("12 (sh) X 0", 0, false),
    ])
    func `a process is read from the kernel's line`(stat: String, parent: Int32, isAlive: Bool) {
        let entry = ProcessTree.Entry(pid: 12, stat: stat)

        #expect(entry == ProcessTree.Entry(pid: 12, parent: parent, isAlive: isAlive))
    }

    @Test(arguments: ["", "12 (sh", "12 (sh) S", "12 (sh) S x 1"])
    func `another line is no process`(stat: String) {
        #expect(ProcessTree.Entry(pid: 12, stat: stat) == nil)
    }

    @Test func `descendants are the living below, not the root and its neighbours`() {
        let entries = [
            (2, 1, true), (3, 2, false), (4, 3, true), (5, 1, true), (6, 2, true), (7, 6, false), (8, 5, true),
        ]
        .map { ProcessTree.Entry(pid: $0.0, parent: $0.1, isAlive: $0.2) }

        #expect(Set(ProcessTree.descendants(of: 2, among: entries)) == [4, 6])
        #expect(ProcessTree.descendants(of: 8, among: entries).isEmpty)
    }

    @Test func `a circle, as of numbers that were given again, has an end`() {
        let entries = [(2, 3), (3, 2), (4, 3)].map { ProcessTree.Entry(pid: $0.0, parent: $0.1, isAlive: true) }

        #expect(Set(ProcessTree.descendants(of: 2, among: entries)) == [3, 4])
    }
}
