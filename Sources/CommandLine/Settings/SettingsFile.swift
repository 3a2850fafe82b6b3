// SPDX-License-Identifier: Apache-2.0

/// The configuration file: `url`, `key` and `ca_file`, one a line, in YAML.
///
/// Three texts need no YAML library, which would bring all of Foundation into the program. What is read is the part of
/// YAML that the file needs, and a line that is anything else is refused, never passed over.
package struct SettingsFile: Hashable, Sendable {
    /// The settings of the file.
    package let settings: Settings

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - path: the file's path, for errors.
    /// - Throws: ``UsageError`` with the file and the line.
    package init(_ text: String, path: String) throws(UsageError) {
        var values: [String: String] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            do {
                guard let (name, value) = try Self.entry(line) else { continue }
                guard values.updateValue(value, forKey: name) == nil else { throw UsageError("\(name) is there twice") }
            } catch {
                throw UsageError("\(path), line \(index + 1): \(error)")
            }
        }
        settings = Settings(url: values["url"], key: values["key"], caFile: values["ca_file"])
    }

    private static func entry(_ line: Substring) throws(UsageError) -> (String, String)? {
        let line = line.trimmed
        if line.isEmpty || line.first == "#" || line == "---" { return nil }
        guard let colon = line.firstIndex(of: ":") else { throw UsageError("expected 'name: value'") }
        let name = String(line[..<colon].trimmed)
        guard ["url", "key", "ca_file"].contains(name) else {
            throw UsageError("unknown setting '\(name)'; known are url, key, ca_file")
        }
        let rest = line[line.index(after: colon)...]
        guard rest.isEmpty || rest.first?.isWhitespace == true else {
            throw UsageError("a blank is missing after '\(name):'")
        }
        let value = try scalar(rest.trimmed)
        guard !value.isEmpty else { throw UsageError("\(name) has no value") }
        return (name, value)
    }

    private static func scalar(_ text: Substring) throws(UsageError) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return try plain(text) }
        let inside = text.dropFirst()
        guard let end = inside.firstIndex(of: quote) else { throw UsageError("the quote has no end") }
        let tail = inside[inside.index(after: end)...].trimmed
        guard tail.isEmpty || tail.first == "#" else { throw UsageError("there is more after the quoted value") }
        guard !inside[..<end].contains("\\") || quote == "'" else {
            throw UsageError("escapes are not read; put the value in single quotes")
        }
        return String(inside[..<end])
    }

    private static func plain(_ text: Substring) throws(UsageError) -> String {
        if let first = text.first, "[{&*!|>%@`".contains(first) {
            throw UsageError("a value that begins with '\(first)' must be in single quotes")
        }
        // In YAML a comment begins at a # after a blank.
        var value = text
        for index in text.indices where text[index] == "#" && index > text.startIndex {
            guard text[text.index(before: index)].isWhitespace else { continue }
            value = text[..<index]
            break
        }
        if value.first == "#" { return "" }
        return String(value.trimmed)
    }
}

extension Substring {
    /// Without white space at both ends.
    var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
