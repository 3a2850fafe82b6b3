// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The lines of an export as text, some at a time.
struct ExportText<Record>: Sendable {
    let format: JobExport.Format
    let columns: [ExportColumn<Record>]

    /// What comes before the first line.
    var head: [UInt8] {
        switch format {
        case .csv:
            var text = SpreadsheetText()
            for column in columns { text.append(plain: column.name) }
            text.endLine()
            return SpreadsheetText.byteOrderMark + text.take()
        case .ndjson: return []
        }
    }

    /// The lines of some records.
    ///
    /// - Throws: `JSON.Failure` for a number that JSON cannot write.
    func lines(_ records: [Record]) throws -> [UInt8] {
        switch format {
        case .csv:
            var text = SpreadsheetText()
            for record in records {
                for column in columns { try text.append(column.cell(record)) }
                text.endLine()
            }
            return text.take()
        case .ndjson:
            var bytes: [UInt8] = []
            for record in records {
                var json = JSONWriter()
                json.beginObject()
                for column in columns { try json.member(column.name, column.cell(record)) }
                json.endObject()
                bytes += json.take()
                bytes.append(UInt8(ascii: "\n"))
            }
            return bytes
        }
    }

    /// The last line of an export that cannot be finished; empty where the format has no place for it.
    func end(_ error: APIError) -> [UInt8] {
        guard format == .ndjson else { return [] }
        var json = JSONWriter()
        json.beginObject()
        json.name("error")
        json.beginObject()
        json.member("code", error.code.rawValue)
        json.member("message", error.message)
        json.endObject()
        json.endObject()
        return json.take() + [UInt8(ascii: "\n")]
    }
}

extension SpreadsheetText {
    fileprivate mutating func append(_ cell: ExportCell) throws(JSON.Failure) {
        switch cell {
        case .text(let text): append(text ?? "")
        case .number(let number): append(plain: number.map { String($0) } ?? "")
        case .flag(let flag): append(plain: flag.map { $0 ? "true" : "false" } ?? "")
        case .time(let time): append(plain: time?.description ?? "")
        case .json(let value): append(String(decoding: try value.text(), as: UTF8.self))
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ cell: ExportCell) throws(JSON.Failure) {
        switch cell {
        case .text(let text): member(name, text)
        case .number(let number): member(name, number)
        case .flag(let flag): member(name, flag)
        case .time(let time): try member(name, time)
        case .json(let value): try member(name, value)
        }
    }
}
