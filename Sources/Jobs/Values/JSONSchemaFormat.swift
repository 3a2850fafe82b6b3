// SPDX-License-Identifier: Apache-2.0

/// The values of the keyword `format` that are checked; another one is an annotation and has no effect.
///
/// They keep out what the programs of a host would take for something else: an option, two lines, another directory.
public enum JSONSchemaFormat: String, CaseIterable, Hashable, Sendable {
    /// A path from `/` on, of at most 4095 bytes and without NUL.
    case absolutePath = "absolute-path"
    /// The mode of a file: three or four octal digits.
    case fileMode = "file-mode"
    /// The name of a user or group: letters, digits, `_`, `.` and `-`, at most 32, not beginning with a digit or `-`.
    case userName = "user-name"
    /// The name of a package, with a version or an architecture where a tool takes one.
    case packageName = "package-name"
    /// The name of a unit of systemd, with or without its ending.
    case unitName = "unit-name"
    /// A word without white space and control characters that does not begin with `-`.
    case word
    /// A text without line ends and control characters.
    case line
    /// A SHA-256 as 64 hexadecimal digits in lower case.
    case sha256
    /// The name of a stored object, as ``ObjectName`` has it.
    case objectName = "object-name"
    /// Bytes in base64 (RFC 4648, section 4), with padding.
    case base64

    /// What is wrong with a text; nil if it has the format.
    public func fault(in text: String) -> String? {
        if self == .absolutePath, text.utf8.contains(0) { return "must not contain a NUL character" }
        if self == .objectName { return ObjectName.fault(in: text) }
        return takes(text) ? nil : "must be \(meaning)"
    }

    /// A regular expression (ECMA-262) that all texts of the format match, for readers that know no such formats.
    public var pattern: String {
        switch self {
        case .absolutePath: "^/"
        case .fileMode: "^[0-7]{3,4}$"
        case .userName: "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$"
        case .packageName: "^[A-Za-z0-9][A-Za-z0-9+._:~=-]{0,254}$"
        case .unitName: #"^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$"#
        case .word: #"^[^-\s]\S*$"#
        case .line: #"^[^\n\r\x00-\x1f]*$"#
        case .sha256: "^[0-9a-f]{64}$"
        case .objectName: "^[A-Za-z0-9._+@=][A-Za-z0-9._+@=/-]{0,254}$"
        case .base64: "^[A-Za-z0-9+/]*={0,2}$"
        }
    }

    private var meaning: String {
        switch self {
        case .absolutePath: "an absolute path"
        case .fileMode: "a mode of three or four octal digits, such as '0644'"
        case .userName: "the name of a user or group: letters, digits, '_', '.' and '-', at most 32"
        case .packageName: "the name of a package: letters, digits and '+._:~=-', not beginning with a sign"
        case .unitName: #"the name of a unit: letters, digits and ':_.\@-', not beginning with '-'"#
        case .word: "one word that does not begin with '-'"
        case .line: "one line without control characters"
        case .sha256: "64 hexadecimal digits in lower case"
        case .objectName: "the name of an object"
        case .base64: "base64"
        }
    }

    private func takes(_ text: String) -> Bool {
        let bytes = text.utf8
        switch self {
        case .absolutePath: return bytes.first == UInt8(ascii: "/") && bytes.count <= 4095
        case .fileMode:
            return (3...4).contains(bytes.count) && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")) ~= $0 }
        case .userName:
            let first = bytes.first.map { $0.isASCIILetter || $0 == UInt8(ascii: "_") } ?? false
            return first && bytes.count <= 32 && bytes.allSatisfy { $0.isASCIIAlphanumeric || "_.-".utf8.contains($0) }
        case .packageName:
            let first = bytes.first?.isASCIIAlphanumeric ?? false
            return first && bytes.count <= 255
                && bytes.allSatisfy { $0.isASCIIAlphanumeric || "+._:~=-".utf8.contains($0) }
        case .unitName:
            let first = bytes.first.map { $0 != UInt8(ascii: "-") } ?? false
            return first && bytes.count <= 255
                && bytes.allSatisfy { $0.isASCIIAlphanumeric || #":_.\@-"#.utf8.contains($0) }
        case .word:
            let first = bytes.first.map { $0 != UInt8(ascii: "-") } ?? false
            return first && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        case .line: return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t") }
        case .sha256:
            return bytes.count == 64
                && bytes.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 || (UInt8(ascii: "a")...UInt8(ascii: "f")) ~= $0
                }
        case .objectName: return ObjectName.fault(in: text) == nil
        case .base64: return Self.isBase64(bytes)
        }
    }

    private static func isBase64(_ bytes: String.UTF8View) -> Bool {
        guard bytes.count % 4 == 0 else { return false }
        let padding = bytes.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return bytes.dropLast(padding).allSatisfy { $0.isASCIIAlphanumeric || "+/".utf8.contains($0) }
    }
}

extension UInt8 {
    /// Whether this is the code of `A` to `Z` or `a` to `z`.
    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= self || (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= self
    }

    /// Whether this is the code of a letter or of `0` to `9`.
    var isASCIIAlphanumeric: Bool { isASCIILetter || (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= self }
}
