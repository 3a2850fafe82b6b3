// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Names and values one below the other, for a single record.
package struct Details: Sendable {
    private var entries: [(name: String, cell: Table.Cell)] = []

    /// No entries.
    package init() {}

    /// Adds an entry; nil is left out.
    package mutating func add(_ name: String, _ text: String?, _ ink: Ink = .plain) {
        if let text { entries.append((name, Table.Cell(text, ink))) }
    }

    /// The lines, with the values below each other.
    package func lines(colours: Bool = false) -> [String] {
        let names = entries.map { SafeText.line.made(of: $0.name) }
        let width = names.map(\.displayWidth).max() ?? 0
        return zip(names, entries).map { name, entry in
            let value = SafeText.line.made(of: entry.cell.text ?? "")
            let padding = String(repeating: " ", count: width - name.displayWidth + 2)
            return (colours ? Ink.faint.on(name) : name) + padding + (colours ? entry.cell.ink.on(value) : value)
        }
    }

    /// The lines as one text.
    package func text(colours: Bool = false) -> String {
        lines(colours: colours).map { $0 + "\n" }.joined()
    }
}

extension JSONValue {
    /// The value in one line: texts without quotes, all else as JSON.
    package var brief: String {
        if let string { return string }
        return (try? JSONText.text(self, pretty: false)) ?? "?"
    }
}

extension Timestamp {
    /// The time for people: `2026-11-21 08:30:00Z`.
    package var brief: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))Z"
    }
}
