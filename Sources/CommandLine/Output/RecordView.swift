// SPDX-License-Identifier: Apache-2.0

/// How records of one kind are shown as a table and as CSV.
package struct RecordView<Record: Sendable>: Sendable {
    /// A field of the record.
    package struct Field: Sendable {
        /// Where a field is shown.
        package enum Place: Sendable {
            /// In tables and in CSV.
            case everywhere
            /// In CSV only.
            case csv
            /// In tables only: what CSV has in another form.
            case tableOnly
        }

        let column: Table.Column
        let place: Place
        let value: @Sendable (Record) -> String?
        let cell: @Sendable (Record) -> Table.Cell

        /// A field with the same text in both forms.
        package static func text(
            _ name: String,
            in place: Place = .everywhere,
            _ value: @escaping @Sendable (Record) -> String?
        ) -> Field {
            Field(column: .text(name), place: place, value: value, cell: { Table.Cell(value($0)) })
        }

        /// A field with a text of its own for tables.
        package static func text(
            _ name: String,
            _ value: @escaping @Sendable (Record) -> String?,
            cell: @escaping @Sendable (Record) -> Table.Cell
        ) -> Field {
            Field(column: .text(name), place: .everywhere, value: value, cell: cell)
        }

        /// A field that only tables have.
        package static func cell(_ column: Table.Column, _ cell: @escaping @Sendable (Record) -> Table.Cell) -> Field {
            Field(column: column, place: .tableOnly, value: { _ in nil }, cell: cell)
        }

        /// A field with a number.
        package static func number(
            _ name: String,
            in place: Place = .everywhere,
            _ value: @escaping @Sendable (Record) -> Int64?
        ) -> Field {
            let text: @Sendable (Record) -> String? = { value($0).map(String.init) }
            return Field(column: .number(name), place: place, value: text, cell: { Table.Cell(text($0)) })
        }
    }

    private let fields: [Field]

    /// Makes a view of fields, in their order.
    package init(_ fields: [Field]) {
        self.fields = fields
    }

    /// The table of some records.
    package func table(_ records: [Record]) -> Table {
        let shown = fields.filter { $0.place != .csv }
        var table = Table(shown.map(\.column))
        for record in records { table.add(shown.map { $0.cell(record) }) }
        return table
    }

    /// The header of CSV.
    package var csvHeader: String { CSV.record(csvFields.map(\.column.name)) }

    /// The CSV record of a record.
    package func csv(_ record: Record) -> String {
        CSV.record(csvFields.map { $0.value(record) })
    }

    private var csvFields: [Field] { fields.filter { $0.place != .tableOnly } }
}
