// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Counts the rows of an export as its bytes pass, wherever the pieces are cut.
package struct RowCounter: Sendable {
    /// How many bytes have passed.
    package private(set) var bytes = 0
    private let format: JobExport.Format
    private var lines = 0
    private var isQuoted = false

    /// Makes a counter of what is written in a format.
    package init(_ format: JobExport.Format) {
        self.format = format
    }

    /// How many rows have passed, without the line of the columns' names.
    package var rows: Int { format == .csv ? max(0, lines - 1) : lines }

    /// Takes in a piece.
    package mutating func count(_ piece: some Sequence<UInt8>) {
        for byte in piece {
            bytes += 1
            switch byte {
            // A quote in a quoted cell is two of them.
            case UInt8(ascii: "\"") where format == .csv: isQuoted.toggle()
            case UInt8(ascii: "\n") where !isQuoted: lines += 1
            default: break
            }
        }
    }
}

extension RowCounter: CustomStringConvertible {
    /// How far it is: `12000 rows, 3.2 MiB`.
    package var description: String {
        let tenths = (bytes * 10 + 524_288) / 1_048_576
        let size =
            switch bytes {
            case ..<1024: "\(bytes) \(bytes == 1 ? "byte" : "bytes")"
            case ..<1_048_576: "\((bytes + 512) / 1024) KiB"
            default: "\(tenths / 10).\(tenths % 10) MiB"
            }
        return "\(rows) \(rows == 1 ? "row" : "rows"), \(size)"
    }
}
