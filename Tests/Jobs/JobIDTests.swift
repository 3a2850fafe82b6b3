// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Randomness
import Testing

struct JobIDTests {
    @Test func `an id is a UUID of version 7 with the time of submission in front`() throws {
        var generator = JobIDGenerator()
        let now = try #require(Timestamp("2026-11-21T08:30:00.125Z"))

        let id = generator.next(at: now, random: .max)

        #expect(id.high >> 16 == UInt64(now.milliseconds))
        #expect(id.high >> 12 & 0xF == 7)
        #expect(id.low >> 62 == 0b10)
        #expect(id.low & 0x3FFF_FFFF_FFFF_FFFF == 0x3FFF_FFFF_FFFF_FFFF)
        #expect(UUID(uuidString: id.description) != nil)
    }

    @Test func `the text form is read back, in either case`() throws {
        let text = "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41"
        let id = try #require(JobID(text))

        #expect(id.high == 0x0198_C5A0_7D1E_7B3A)
        #expect(id.low == 0x9C55_0F6F_3D1F_2A41)
        #expect(id.description == text)
        #expect(JobID(text.uppercased()) == id)
        #expect(JobID(high: 0, low: 1).description == "00000000-0000-0000-0000-000000000001")
    }

    @Test(arguments: [
        "", "0198c5a0", "0198c5a07d1e7b3a9c550f6f3d1f2a41", "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a4",
        "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a411", "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a4g",
        "0198c5a0-7d1e-7b3a-9c5-50f6f3d1f2a41", "{198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41",
        "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2aé", "0198c5a0-7d1e-7b3a--9c550f6f3d1f2a41",
    ])
    func `text that is no UUID is refused`(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func `ids rise within a millisecond and past the end of the counter`() {
        var generator = JobIDGenerator()
        let now = Timestamp(milliseconds: 1_000_000)

        var ids: [JobID] = []
        for _ in 0..<10_000 { ids.append(generator.next(at: now, random: 0)) }

        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 })
        // 4096 ids fit a millisecond; then the time is moved on, not more than needed.
        #expect(ids.last.map { $0.high >> 16 } == 1_000_002)
    }

    @Test func `ids rise when the clock steps back or jumps about`() {
        var random = SeededGenerator(seed: 3)
        var generator = JobIDGenerator()
        var last = generator.next(at: Timestamp(milliseconds: 5_000_000), random: 0)

        for _ in 0..<20_000 {
            let now = Timestamp(milliseconds: .random(in: -1_000...9_000_000, using: &random))
            let id = generator.next(at: now, random: random.next())
            #expect(last < id)
            last = id
        }
    }

    @Test func `the order of ids is the order of their text`() throws {
        var random = SeededGenerator(seed: 11)
        let ids = (0..<500).map { _ in JobID(high: random.next(), low: random.next()) }

        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
        for id in ids { #expect(JobID(id.description) == id) }
    }

    @Test func `an id is text in JSON`() throws {
        let id = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)
        let bytes = try JSON.encode([id])

        #expect(String(decoding: bytes, as: UTF8.self) == #"["0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41"]"#)
        #expect(try JSON.decode([JobID].self, from: bytes) == [id])
        #expect(throws: JSON.Failure.self) { try JSON.decode([JobID].self, from: #"["x"]"#.utf8) }
    }
}
