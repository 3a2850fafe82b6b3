// SPDX-License-Identifier: Apache-2.0

/// Makes lines of what a host writes bit by bit, each with the name of the host before it.
package struct HostLines: Sendable {
    /// The longest line that is waited for, in bytes; one that is longer is broken.
    static let longest = 64 * 1024

    private let prefix: String
    private var begun: [UInt8] = []

    /// Begins with no line.
    ///
    /// - Parameter hostname: what comes before each line.
    package init(_ hostname: String) {
        prefix = SafeText.line.made(of: hostname) + ": "
    }

    /// Takes bytes in.
    ///
    /// - Returns: the lines that are whole with them, each with its line feed; empty where there is none.
    package mutating func take(_ bytes: [UInt8]) -> String {
        begun += bytes
        var text = ""
        while let end = begun.firstIndex(of: UInt8(ascii: "\n")) {
            text += line(begun[..<end])
            begun.removeFirst(end + 1)
        }
        return begun.count > Self.longest ? text + finish() : text
    }

    /// The line that has begun, as it is; empty where there is none.
    package mutating func finish() -> String {
        defer { begun = [] }
        return begun.isEmpty ? "" : line(begun[...])
    }

    private func line(_ bytes: ArraySlice<UInt8>) -> String {
        let bytes = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
        return prefix + SafeText.line.made(of: ByteText(Array(bytes)).description) + "\n"
    }
}
