// SPDX-License-Identifier: Apache-2.0

import Jobs

/// An entry of the journal, as journalctl writes it in JSON.
enum JournalEntry {
    /// The fields that are asked for.
    static let fields = ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_PID", "_SYSTEMD_UNIT", "UNIT"]
    /// The names of the priorities from 0 on.
    static let priorities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    /// What is told of an entry; nil for a line that is none.
    static func told(_ line: Substring) -> JSONValue? {
        guard let entry = try? JSON.decode(JSONValue.self, from: line.utf8), entry.object != nil else { return nil }
        let message = text(entry["MESSAGE"])
        var told: [String: JSONValue] = ["message": .string(String(message.prefix(FileTail.lineLimit)))]
        if let time = entry["__REALTIME_TIMESTAMP"]?.string.flatMap({ Int64($0) }) {
            told["time"] = .string(Timestamp(milliseconds: time / 1000).description)
        }
        // What systemd says of a unit is of its own process.
        told["unit"] = entry["UNIT"] ?? entry["_SYSTEMD_UNIT"]
        told["identifier"] = entry["SYSLOG_IDENTIFIER"]
        told["pid"] = entry["_PID"]?.string.flatMap { Int64($0) }.map(JSONValue.int)
        let priority = entry["PRIORITY"]?.string.flatMap { Int($0) }
        told["priority"] = priority.flatMap { priorities.indices.contains($0) ? .string(priorities[$0]) : nil }
        return .object(told)
    }

    /// A text, which journalctl writes as a list of bytes where it is none, and as null where it is too long.
    private static func text(_ value: JSONValue?) -> String {
        if let text = value?.string { return text }
        let bytes = value?.array?.compactMap { $0.int.flatMap(UInt8.init(exactly:)) } ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}
