// SPDX-License-Identifier: Apache-2.0

/// Reads `/etc/os-release`: lines of `NAME=value`, quoted as a shell would have it.
enum OSRelease {
    /// The values by name; lines that are none are passed over.
    static func values(in file: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in file.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = unquoted(parts[1])
        }
        return values
    }

    private static func unquoted(_ text: Substring) -> String {
        var value = text
        if let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote {
            value = text.dropFirst().dropLast()
            if quote == "'" { return String(value) }
        }
        var result = ""
        var isEscaped = false
        for character in value {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            result.append(character)
            isEscaped = false
        }
        return result
    }
}
