// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

struct CronTableTests {
    @Test func `a table is read with users in it and without`() {
        let table = """
            # m h dom mon dow user command
            SHELL=/bin/sh
            17 *  * * *   root    cd / && run-parts /etc/cron.hourly
            @daily nobody true
            broken line
            """
        let entries = CronTable.entries(table, owner: nil)
        #expect(entries.map(\.line) == [3, 4])
        #expect(entries[0].schedule == "17 * * * *" && entries[0].command == "cd / && run-parts /etc/cron.hourly")
        #expect(entries[1].user == "nobody" && entries[1].schedule == "@daily")
        let own = CronTable.entries("*/5 * * * * echo a b\n", owner: "ann")
        #expect(own == [CronTable.Entry(line: 1, user: "ann", schedule: "*/5 * * * *", command: "echo a b")])
    }

    @Test func `a percent sign stays one`() {
        let text = CronTable.text(schedule: "1  2 * * *", user: "root", command: "date +%F", variables: ["A": "b c"])
        #expect(text.hasSuffix("A=\"b c\"\n1 2 * * * root date +\\%F\n"))
    }
}
