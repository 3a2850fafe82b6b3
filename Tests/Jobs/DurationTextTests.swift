// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct DurationTextTests {
    @Test(arguments: [
        ("0", Duration.zero), ("90", .seconds(90)), ("1.5", .milliseconds(1500)), ("250ms", .milliseconds(250)),
        ("30s", .seconds(30)), ("10m", .seconds(600)), ("2h", .seconds(7200)), ("1d", .seconds(86_400)),
        ("1w", .seconds(604_800)), ("1h30m", .seconds(5400)), ("0.5h", .seconds(1800)),
    ])
    func `a duration is read as people write it`(text: String, duration: Duration) {
        #expect(Duration(humanText: text) == duration)
    }

    @Test(arguments: ["", "s", "-1", "1x", "1 h", "1h 30m", "1e9", "nan", "1..5", "99999999999", "9999999w", "１s"])
    func `what is no duration is refused`(text: String) {
        #expect(Duration(humanText: text) == nil)
    }

    @Test(arguments: [
        (Duration.milliseconds(250), "250ms"), (.seconds(12), "12s"), (.milliseconds(1250), "1.2s"),
        (.seconds(90), "1m 30s"), (.seconds(3600), "1h"), (.seconds(5400), "1h 30m"), (.seconds(604_800), "7d"),
    ])
    func `a duration is written as people read it`(duration: Duration, text: String) {
        #expect(duration.humanText == text)
    }
}
