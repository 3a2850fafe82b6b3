// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

struct ServiceListTests {
    @Test func `units and files are one list`() {
        let units = """
            cron.service                         loaded    active   running Regular background program processing daemon
            ● bad.service                        loaded    failed   failed  Bad one
            auditd.service                       not-found inactive dead    auditd.service
            """
        let files = """
            cron.service    enabled         enabled
            getty@.service  enabled         enabled
            rsync.service   disabled        enabled
            """
        let lines = { (text: String) in text.split(whereSeparator: \.isNewline) }
        let list = ServiceList.units(lines(units), files: lines(files))
        #expect(list.map(\.name) == ["bad.service", "cron.service", "rsync.service"])
        #expect(list[0].active == "failed" && list[1].enabled == "enabled" && list[2].active == "inactive")
        #expect(list[1].description == "Regular background program processing daemon")
    }
}
