// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Randomness
import Testing

struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_000_000_000_000, "2001-09-09T01:46:40.000Z"),
        (1_709_164_800_125, "2024-02-29T00:00:00.125Z"),
        (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    ])
    func `known times are written and read`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("2026-11-21T08:30:00Z", "2026-11-21T08:30:00.000Z"),
        ("2026-11-21t08:30:00z", "2026-11-21T08:30:00.000Z"),
        ("2026-11-21 08:30:00.5Z", "2026-11-21T08:30:00.500Z"),
        ("2026-11-21T08:30:00.123456789Z", "2026-11-21T08:30:00.123Z"),
        ("2026-11-21T08:30:00+02:00", "2026-11-21T06:30:00.000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
        ("2025-12-31T20:00:00-05:30", "2026-01-01T01:30:00.000Z"),
        ("2026-11-21T08:30:00-00:00", "2026-11-21T08:30:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ])
    func `offsets, fractions and a leap second are brought to UTC`(text: String, canonical: String) {
        #expect(Timestamp(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "2026", "2026-11-21", "2026-11-21T08:30:00", "2026-11-21T08:30Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "2026-1-01T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z", "+2026-01-01T00:00:00Z",
    ])
    func `text that is no time is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `random times agree with Foundation and come back`() throws {
        var random = SeededGenerator(seed: 7)
        let formatter = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<5000 {
            let time = Timestamp(milliseconds: .random(in: -11_000_000_000_000...253_402_300_799_999, using: &random))
            let seconds = Double(time.milliseconds / 1000)

            #expect(Timestamp(time.description) == time)
            // Whole seconds, since Foundation's fraction of a second passes through a floating-point number.
            let whole = Timestamp(milliseconds: time.milliseconds / 1000 * 1000)
            #expect(formatter.format(Date(timeIntervalSince1970: seconds)) == whole.description)
        }
    }

    @Test(arguments: [Int64.min, Int64.min + 1, Int64.max])
    func `no number of milliseconds is too large to be written`(milliseconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).description.hasSuffix("Z"))
    }

    @Test func `durations are added and measured`() {
        let start = Timestamp(milliseconds: 1000)

        #expect((start + .seconds(2.5)).milliseconds == 3500)
        #expect((start + .milliseconds(-1500)).milliseconds == -500)
        #expect(start - Timestamp(milliseconds: 1750) == .milliseconds(-750))
        #expect(start < start + .milliseconds(1))
        #expect(Duration.microseconds(1999).wholeMilliseconds == 1)
    }

    @Test func `a time is RFC 3339 text in JSON`() throws {
        let bytes = try JSON.encode([Timestamp(milliseconds: 125)])

        #expect(String(decoding: bytes, as: UTF8.self) == #"["1970-01-01T00:00:00.125Z"]"#)
        #expect(try JSON.decode([Timestamp].self, from: bytes) == [Timestamp(milliseconds: 125)])
        #expect(throws: JSON.Failure.self) { try JSON.decode([Timestamp].self, from: #"["yesterday"]"#.utf8) }
    }
}
