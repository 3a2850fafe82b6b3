// SPDX-License-Identifier: Apache-2.0

// Calendar arithmetic after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
// (days_from_civil and civil_from_days), so that no Foundation formatter is needed on the hosts.

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 text in UTC with milliseconds: `2026-11-21T08:30:00.125Z`.
    public var description: String { String(decoding: text, as: UTF8.self) }

    private var text: [UInt8] {
        let days = floorDivide(milliseconds, 86_400_000)
        let remainder = milliseconds % 86_400_000
        let inDay = remainder < 0 ? remainder + 86_400_000 : remainder
        let date = civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(date.year, 4, "-", to: &text)
        append(date.month, 2, "-", to: &text)
        append(date.day, 2, "T", to: &text)
        append(inDay / 3_600_000, 2, ":", to: &text)
        append(inDay / 60_000 % 60, 2, ":", to: &text)
        append(inDay / 1000 % 60, 2, ".", to: &text)
        append(inDay % 1000, 3, "Z", to: &text)
        return text
    }

    /// Reads RFC 3339 text with `Z` or a numeric offset and up to nine fractional digits; nil for anything else.
    public init?(_ text: String) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.skipAny("Tt "), let hour = scanner.number(2), scanner.skip(":"),
            let minute = scanner.number(2), scanner.skip(":"), let second = scanner.number(2),
            (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day), hour < 24, minute < 60,
            second < 61, let fraction = scanner.fractionInMilliseconds(), let offset = scanner.offsetInMinutes(),
            scanner.isAtEnd
        else { return nil }
        let days = daysFromCivil(year: year, month: month, day: day)
        let minutes = days * 1440 + hour * 60 + minute - offset
        self.init(milliseconds: (minutes * 60 + second) * 1000 + fraction)
    }
}

extension Timestamp: Decodable {
    /// Reads the RFC 3339 text form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = time
    }
}

extension Timestamp: JSONWritable {
    /// Writes the RFC 3339 text form.
    public func write(to json: inout JSONWriter) {
        json.value(plain: text)
    }
}

private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func digit() -> Int64? {
        guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - 48)
    }

    mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func skip(_ character: Character) -> Bool {
        skipAny(String(character))
    }

    mutating func skipAny(_ characters: String) -> Bool {
        guard position < bytes.count, characters.utf8.contains(bytes[position]) else { return false }
        position += 1
        return true
    }

    mutating func fractionInMilliseconds() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 3 { value = value * 10 + digit }
        }
        guard (1...9).contains(count) else { return nil }
        for _ in count..<max(count, 3) { value *= 10 }
        return value
    }

    mutating func offsetInMinutes() -> Int64? {
        if skipAny("Zz") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value % divisor < 0 ? value / divisor - 1 : value / divisor
}

/// Appends a number with leading zeros, and what follows it.
private func append(_ value: Int64, _ width: Int, _ end: Character, to text: inout [UInt8]) {
    let digits = String(value).utf8
    text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count)))
    text.append(contentsOf: digits)
    text.append(contentsOf: end.utf8)
}

private func daysIn(month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

private func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthShifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthShifted + 2) / 5 + 1
    let month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}
