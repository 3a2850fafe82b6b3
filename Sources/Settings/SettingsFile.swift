// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Yams

/// Looks for names in a file of settings that nobody would ever read.
enum SettingsFile {
    /// Checks that a file is readable, well-formed, and has only known names.
    ///
    /// JSON is checked the same way, since it is YAML as well.
    ///
    /// - Throws: ``SettingsError``.
    static func check(path: String, known: [SettingKey]) throws {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw SettingsError("\(path): cannot be read")
        }
        let tree: Node?
        do {
            tree = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(
                "\(path): not valid: \(String(describing: error).split(separator: "\n").joined(separator: " "))"
            )
        }
        guard let tree else { return }
        guard tree.mapping != nil else { throw SettingsError("\(path): settings are names with values") }
        try check(tree, at: "", path: path, known: Set(known.map(\.name)))
    }

    private static func check(_ node: Node, at prefix: String, path: String, known: Set<String>) throws {
        for (key, value) in node.mapping ?? [:] {
            let name = prefix + (key.string ?? "")
            if known.contains(name) { continue }
            let isLevel = known.contains { $0.hasPrefix(name + ".") }
            guard isLevel, value.mapping != nil else {
                let line = key.mark.map { ", line \($0.line)" } ?? ""
                throw SettingsError("\(path)\(line): there is no setting '\(name)'")
            }
            try check(value, at: name + ".", path: path, known: known)
        }
    }
}
