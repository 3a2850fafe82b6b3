// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Fleet

/// Whose file comes in next, where many hosts give one.
struct UploadRowTests {
    private typealias Row = UploadRow<Int, String>

    private let start = ContinuousClock.now

    private func row(places: Int = 2, front: Int = 2) -> Row {
        Row(limits: Row.Limits(places: places, front: front))
    }

    @Test func `so many files come in at once, and who has a place keeps it while it sends`() {
        var row = row()
        #expect(row.ask("a", of: 1, now: start) == .place)
        #expect(row.ask("a", of: 2, now: start) == .place)
        #expect(row.ask("a", of: 3, now: start) == .wait(.seconds(1)))
        #expect(row.ask("a", of: 1, now: start + .seconds(50)) == .place)

        #expect(row.expire(now: start + .seconds(60)).map(\.host) == [2])
        #expect(row.ask("a", of: 1, now: start + .seconds(70)) == .place)
    }

    @Test func `a host gives one file after the other`() {
        var row = row()
        #expect(row.ask("a", of: 1, now: start) == .place)
        #expect(row.ask("b", of: 1, now: start) == .wait(.seconds(1)))
        row.done("b", of: 1)
        #expect(row.ask("b", of: 1, now: start) == .wait(.seconds(1)))
        row.done("a", of: 1)
        #expect(row.ask("b", of: 1, now: start) == .place)
        #expect(row.waitingCount == 0)
    }

    @Test func `who asked first is let in first, and who comes later waits longer`() {
        var row = row(places: 1, front: 2)
        _ = row.ask("a", of: 0, now: start)
        #expect(
            (1...6).map { row.ask("a", of: $0, now: start) } == [
                .wait(.seconds(1)), .wait(.seconds(1)), .wait(.seconds(1)), .wait(.seconds(1)), .wait(.seconds(2)),
                .wait(.seconds(2)),
            ]
        )
        row.done("a", of: 0)
        // Not even the first of those behind goes before the front.
        #expect(row.ask("a", of: 3, now: start) == .wait(.seconds(1)))
        #expect(row.ask("a", of: 2, now: start) == .place)
        #expect(row.ask("a", of: 3, now: start) == .wait(.seconds(1)))
        row.done("a", of: 2)
        #expect(row.ask("a", of: 4, now: start) == .wait(.seconds(1)))
        #expect(row.ask("a", of: 3, now: start) == .place)
    }

    @Test func `who does not come back when it was told to holds up nobody`() {
        var row = row(places: 1, front: 2)
        for host in 0...20 { _ = row.ask("a", of: host, now: start) }
        row.done("a", of: 0)
        let later = start + .seconds(100)
        #expect(row.ask("a", of: 99, now: later) == .place)
        #expect(row.waitingCount == 0)
        #expect(row.ask("a", of: 5, now: later) == .wait(.seconds(1)))
        _ = row.expire(now: later)
        #expect(row.waitingCount == 1)
    }

    @Test func `of many hosts none starves, files that have begun go on, and the questions are few`() {
        let (hosts, places, pieces) = (5000, 16, 4)
        var row = Row(limits: Row.Limits(places: places))
        var left = Dictionary(uniqueKeysWithValues: (0..<hosts).map { ($0, pieces) })
        // All come within a second.
        var due: [[Int]] = Array(repeating: [], count: 3_600_000 / 50)
        for host in 0..<hosts { due[host % 20].append(host) }
        var (ended, refused, slot): ([Int], Int, Int) = ([], 0, 0)
        var lastPlace: [Int: Int] = [:]
        while !left.isEmpty, slot < due.count {
            let now = start + .milliseconds(slot * 50)
            for host in due[slot] {
                switch row.ask("f", of: host, now: now) {
                case .place:
                    if let last = lastPlace[host] { #expect(slot - last <= 2, "a file that has begun goes on") }
                    lastPlace[host] = slot
                    left[host, default: 0] -= 1
                    if left[host] == 0 {
                        left[host] = nil
                        ended.append(host)
                        row.done("f", of: host)
                    } else {
                        due[slot + 1].append(host)
                    }
                case .wait(let pause):
                    refused += 1
                    // The link adds up to half a second.
                    due[slot + Int(pause / .milliseconds(50)) + host % 10].append(host)
                }
            }
            slot += 1
        }
        #expect(left.isEmpty, "\(left.count) never had their turn")
        let seconds = slot / 20
        #expect(seconds < 200, "\(hosts) files of 4 pieces need \(seconds) s")
        #expect(refused < 600 * max(1, seconds), "\(refused) questions in vain within \(seconds) s")
        // In about the order in which they came: the front is not wide.
        let firstHalf = Set(ended.prefix(hosts / 2))
        let early = firstHalf.filter { $0 % 20 < 10 }.count
        #expect(early > hosts / 2 * 9 / 10, "\(early) of the first half came early")
    }
}
