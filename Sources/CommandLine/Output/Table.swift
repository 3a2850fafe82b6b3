// SPDX-License-Identifier: Apache-2.0

/// Rows of text under headings, in columns as wide as they need to be.
package struct Table: Sendable {
    /// A column.
    package struct Column: Hashable, Sendable {
        /// The heading, also the name in CSV.
        package let name: String
        /// Whether it holds numbers, which stand at the right.
        package let isNumeric: Bool

        /// A column of text.
        package static func text(_ name: String) -> Column { Column(name: name, isNumeric: false) }

        /// A column of numbers.
        package static func number(_ name: String) -> Column { Column(name: name, isNumeric: true) }
    }

    /// A cell.
    package struct Cell: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        /// What it says; nil, or empty, where there is nothing to say, which is shown as `-`.
        package let text: String?
        /// Its colour, where colours are used.
        package let ink: Ink

        /// Makes a cell.
        package init(_ text: String?, _ ink: Ink = .plain) {
            self.text = text
            self.ink = ink
        }

        /// A cell that says `value`.
        package init(stringLiteral value: String) {
            self.init(value)
        }
    }

    /// The columns.
    package let columns: [Column]
    /// The rows, each with a cell for every column.
    package private(set) var rows: [[Cell]]

    /// A table without rows.
    package init(_ columns: [Column]) {
        self.columns = columns
        rows = []
    }

    /// Adds a row.
    package mutating func add(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has a cell for every column")
        rows.append(row)
    }

    /// The lines of the table.
    ///
    /// - Parameters:
    ///   - width: how many columns the terminal has, to which the last column is cut; nil to cut nothing.
    ///   - colours: whether to use them.
    /// - Returns: the headings, and a line for each row.
    package func lines(width: Int? = nil, colours: Bool = false) -> [String] {
        let texts = rows.map { row in
            row.map { SafeText.line.made(of: $0.text.flatMap { $0.isEmpty ? nil : $0 } ?? "-") }
        }
        let widths = columns.indices.map { index in
            max(columns[index].name.count, texts.map { $0[index].displayWidth }.max() ?? 0)
        }
        let heading = line(columns.map { $0.name.uppercased() }, widths, inks: nil, width: width)
        return [colours ? Ink.faint.on(heading) : heading]
            + zip(rows, texts).map { row, text in
                line(text, widths, inks: colours ? row.map(\.ink) : nil, width: width)
            }
    }

    private func line(_ texts: [String], _ widths: [Int], inks: [Ink]?, width: Int?) -> String {
        var line = ""
        var used = 0
        for (index, text) in texts.enumerated() {
            let isLast = index == texts.count - 1
            let room = isLast ? width.map { max($0 - used, 8) } ?? Int.max : Int.max
            let shown = isLast ? text.clipped(to: room) : text
            let padding = String(repeating: " ", count: max(0, widths[index] - shown.displayWidth))
            let inked = inks.map { $0[index].on(shown) } ?? shown
            let column = columns[index]
            if column.isNumeric { line += padding + inked } else { line += isLast ? inked : inked + padding }
            if !isLast { line += "  " }
            used += widths[index] + 2
        }
        return line
    }
}
