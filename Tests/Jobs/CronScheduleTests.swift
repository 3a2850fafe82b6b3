// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

struct CronScheduleTests {
    @Test(arguments: [
        "* * * * *", "*/5 0-23/2 1,15 jan-mar mon-fri", "0 0 31 12 7", "5,10-20/3,40 * * * SUN", "@daily", "@reboot",
        " 1\t2  3 4 5 ",
    ])
    func `what cron takes is taken`(_ text: String) {
        #expect(CronSchedule.fault(in: text) == nil)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-3 * * * *",
        "5/2 * * * *", "*/0 * * * *", "*/ * * * *", "1,,2 * * * *", "1, * * * *", "-1 * * * *", "x * * * *",
        "* * * monday *", "* * * * monday", "@often", "@daily now", "1-2-3 * * * *", "000 * * * *",
    ])
    func `what cron would not take is refused`(_ text: String) {
        #expect(CronSchedule.fault(in: text) != nil)
    }
}
