// SPDX-License-Identifier: Apache-2.0

/// Turns records into the text that goes to stdout, in the format that was asked for.
package struct Presenter: Sendable {
    /// The format.
    package let format: OutputFormat
    /// Whether colours are used.
    package let colours: Bool
    /// How many columns the terminal has; nil where stdout is no terminal, and nothing is cut.
    package let width: Int?

    /// Makes a presenter of its parts.
    package init(format: OutputFormat, colours: Bool = false, width: Int? = nil) {
        self.format = format
        self.colours = colours
        self.width = width
    }

    /// Whether stdout is a terminal.
    package var isTerminal: Bool { width != nil }

    /// The text of a list of records.
    ///
    /// JSON is a list; an empty table is an empty text.
    ///
    /// - Throws: what a record's own `encode` throws.
    package func text<Record: Encodable & Sendable>(_ records: [Record], _ view: RecordView<Record>) throws -> String {
        switch format {
        case .table: records.isEmpty ? "" : text(view.table(records))
        case .json: try JSONText.text(records, pretty: true) + "\n"
        case .ndjson: try records.map { try JSONText.text($0, pretty: false) + "\n" }.joined()
        case .csv: csv([view.csvHeader] + records.map(view.csv))
        }
    }

    /// The text of a single record: for a table it is what `table` makes of it.
    ///
    /// - Throws: what the record's own `encode` throws.
    package func text<Record: Encodable & Sendable>(
        one record: Record,
        _ view: RecordView<Record>,
        table: (Record) -> String
    ) throws -> String {
        switch format {
        case .table: table(record)
        case .json: try JSONText.text(record, pretty: true) + "\n"
        case .ndjson, .csv: try text([record], view)
        }
    }

    /// The text of a table.
    package func text(_ table: Table) -> String {
        table.lines(width: width, colours: colours).map { $0 + "\n" }.joined()
    }

    /// CSV records; on a terminal with control characters made visible.
    package func csv(_ records: [String]) -> String {
        guard isTerminal else { return records.map { $0 + CSV.lineBreak }.joined() }
        return records.map { SafeText.block.made(of: $0) + "\n" }.joined()
    }

    /// A text with its colour, where colours are used.
    package func inked(_ text: String, _ ink: Ink) -> String {
        colours ? ink.on(text) : text
    }
}
