// SPDX-License-Identifier: Apache-2.0

/// The id of a job: a UUIDv7 (RFC 9562), so that ids sort by the time of submission.
///
/// Written in the usual form, `0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41`, lower case.
public struct JobID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian: 48 bits of milliseconds, the version, 12 more bits that order ids.
    public let high: UInt64
    /// The last eight bytes, big-endian: the variant and 62 random bits.
    public let low: UInt64

    /// Makes an id of its two halves, as read from a store; no check of version or variant.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36 character form, in either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36, [8, 13, 18, 23].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
        var halves: [UInt64] = [0, 0]
        var digits = 0
        for (index, byte) in bytes.enumerated() where ![8, 13, 18, 23].contains(index) {
            guard let digit = hexValue(byte) else { return nil }
            halves[digits / 16] = halves[digits / 16] << 4 | UInt64(digit)
            digits += 1
        }
        self.init(high: halves[0], low: halves[1])
    }

    /// The time that the id carries.
    public var timestamp: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// Orders by time of submission.
    public static func < (left: JobID, right: JobID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension JobID: CustomStringConvertible {
    /// The 36 character form in lower case.
    public var description: String { String(decoding: text, as: UTF8.self) }

    private var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for half in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                switch text.count {
                case 8, 13, 18, 23: text.append(UInt8(ascii: "-"))
                default: break
                }
                text.append(hexDigit(UInt8(truncatingIfNeeded: half >> UInt64(shift)) & 0xF))
            }
        }
        return text
    }
}

extension JobID: Decodable {
    /// Reads the 36 character form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = JobID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = id
    }
}

extension JobID: JSONWritable {
    /// Writes the 36 character form.
    public func write(to json: inout JSONWriter) {
        json.value(plain: text)
    }
}

/// Makes job ids that always rise, also within a millisecond and when the clock steps back.
///
/// The 12 bits beside the time are used as a counter (RFC 9562, section 6.2, method 1); when they run out, or the clock
/// is behind, the time of the last id is kept or moved on by a millisecond.
public struct JobIDGenerator: Sendable {
    private var lastHigh: UInt64

    /// Makes a generator that has not given an id yet.
    ///
    /// - Parameter newest: the highest id that was given before; nil where there is none.
    public init(above newest: JobID? = nil) {
        lastHigh = newest?.high ?? 0
    }

    /// The next id.
    ///
    /// - Parameters:
    ///   - now: the time to put into the id.
    ///   - random: 62 bits of it are used.
    /// - Returns: an id above all that were given before.
    public mutating func next(at now: Timestamp, random: UInt64) -> JobID {
        let version: UInt64 = 0x7000
        let time = UInt64(max(0, now.milliseconds)) & 0xFFFF_FFFF_FFFF
        var high = time << 16 | version
        if high <= lastHigh {
            let full = lastHigh & 0xFFF == 0xFFF
            high = full ? (lastHigh >> 16 + 1) << 16 | version : lastHigh + 1
        }
        lastHigh = high
        return JobID(high: high, low: random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}

/// The value of a hexadecimal digit in either case.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
