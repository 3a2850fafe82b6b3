// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A file of settings: YAML, and so JSON as well, with levels of names down to texts and lists of texts.
package struct SettingsFile: Sendable {
    /// What a name stands for.
    package enum Value: Hashable, Sendable {
        /// One text.
        case text(String)
        /// A list of texts.
        case list([String])
    }

    /// The settings by name, with dots between levels.
    package let values: [String: Value]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - known: the names that it may have; another one is an error, since a misspelt setting would otherwise be left
    ///     out without a word.
    /// - Throws: ``SettingsError`` with the file, and the line where there is one.
    package init(path: String, known: some Sequence<String>) throws(SettingsError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(path): the file cannot be read")
        }
        try self.init(bytes: Array(data), path: path, known: known)
    }

    /// Reads the content of a file; `path` is for errors.
    ///
    /// - Throws: ``SettingsError`` with the file, and the line where there is one.
    package init(bytes: [UInt8], path: String, known: some Sequence<String>) throws(SettingsError) {
        do throws(YAMLFault) {
            var reader = Reader(known: Set(known))
            if let tree = try YAMLNode.read(bytes) { try reader.take(tree, at: "", depth: 0) }
            values = reader.values
        } catch {
            throw SettingsError("\(path), line \(error.line): \(error.message)")
        }
    }
}

private struct Reader {
    let known: Set<String>
    var values: [String: SettingsFile.Value] = [:]

    mutating func take(_ node: YAMLNode, at prefix: String, depth: Int) throws(YAMLFault) {
        guard case .mapping(let entries) = node.content, depth < 8 else {
            throw YAMLFault("expected names with values", line: node.line)
        }
        for (key, value) in entries {
            guard case .scalar(let part) = key.content else { throw YAMLFault("a name must be a text", line: key.line) }
            let name = prefix + part
            if known.contains(name) {
                try set(name, value, line: key.line)
            } else if known.contains(where: { $0.hasPrefix(name + ".") }) {
                try take(value, at: name + ".", depth: depth + 1)
            } else {
                throw YAMLFault("there is no setting '\(name)'", line: key.line)
            }
        }
    }

    private mutating func set(_ name: String, _ node: YAMLNode, line: Int) throws(YAMLFault) {
        guard values[name] == nil else { throw YAMLFault("'\(name)' is there twice", line: line) }
        switch node.content {
        case .scalar(let text):
            values[name] = .text(text)
        case .sequence(let items):
            var list: [String] = []
            for item in items {
                guard case .scalar(let text) = item.content else {
                    throw YAMLFault("'\(name)' is a list of texts", line: item.line)
                }
                list.append(text)
            }
            values[name] = .list(list)
        case .mapping:
            throw YAMLFault("'\(name)' is a text or a list of texts", line: node.line)
        }
    }
}
