// SPDX-License-Identifier: Apache-2.0

/// When cron runs something: five fields, or a word such as `@daily` (crontab(5)).
package enum CronSchedule {
    /// What cron has a word for.
    package static let words: Set<String> = [
        "@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]

    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []
        var first = 0
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
        Field(name: "day of month", range: 1...31),
        Field(
            name: "month",
            range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
            first: 1
        ),
        // Both 0 and 7 are Sunday.
        Field(name: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    /// What is wrong with a schedule; nil if cron takes it.
    package static func fault(in text: String) -> String? {
        if text.hasPrefix("@") {
            return words.contains(text) ? nil : "must be one of \(words.sorted().joined(separator: ", "))"
        }
        let parts = text.split { $0 == " " || $0 == "\t" }
        guard parts.count == fields.count else {
            return
                "must have five fields, minute, hour, day of month, month and day of week, or be a word such as @daily"
        }
        for (part, field) in zip(parts, fields) {
            if let fault = fault(in: part, field) { return "\(field.name) '\(part)': \(fault)" }
        }
        return nil
    }

    /// A field as cron is given it: with one blank between fields.
    package static func normal(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    private static func fault(in text: Substring, _ field: Field) -> String? {
        for element in text.split(separator: ",", omittingEmptySubsequences: false) {
            if let fault = fault(inElement: element, field) { return fault }
        }
        return nil
    }

    /// `*`, `a`, `a-b`, and `*/n` and `a-b/n`.
    private static func fault(inElement text: Substring, _ field: Field) -> String? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let span = parts[0]
        let bounds = span.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1 {
            guard span == "*" || bounds.count == 2 else { return "a step goes with * or a range" }
            guard let step = number(parts[1]), step > 0, step <= field.range.upperBound else {
                return "a step is a number from 1 to \(field.range.upperBound)"
            }
        }
        if span == "*" { return nil }
        let values = bounds.map { value($0, field) }
        guard let first = values.first ?? nil, let last = values.last ?? nil else {
            return "must be *, numbers from \(field.range.lowerBound) to \(field.range.upperBound), ranges, or a list"
        }
        return first <= last ? nil : "the range goes backwards"
    }

    private static func value(_ text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: text.lowercased()) { return index + field.first }
        guard let number = number(text), field.range.contains(number) else { return nil }
        return number
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
