// SPDX-License-Identifier: Apache-2.0

/// How much of a transfer is done, in the unit that fits the whole: `1.5 of 20.0 MiB`, `12 of 76 bytes`.
package struct ByteCount: CustomStringConvertible {
    /// The words.
    package let description: String

    /// Says how many bytes of a total there are.
    package init(_ bytes: Int64, of total: Int64) {
        switch total {
        case ..<1024: description = "\(bytes) of \(total) \(total == 1 ? "byte" : "bytes")"
        case ..<(1 << 20): description = "\(Self.tenths(bytes, 10)) of \(Self.tenths(total, 10)) KiB"
        default: description = "\(Self.tenths(bytes, 20)) of \(Self.tenths(total, 20)) MiB"
        }
    }

    private static func tenths(_ bytes: Int64, _ bits: Int64) -> String {
        let tenths = (bytes * 10 + (1 << (bits - 1))) >> bits
        return "\(tenths / 10).\(tenths % 10)"
    }
}
