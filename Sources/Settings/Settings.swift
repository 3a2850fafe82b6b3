// SPDX-License-Identifier: Apache-2.0

import Configuration
import Jobs

/// A program's settings: flags win over the environment, the environment over the file.
///
/// A file is YAML or JSON; a name in it that the program does not know is an error. In the environment a setting is the prefix and its
/// name in capitals with `_` for dots: `BROKER_AGENT_STATE_DIR`.
package struct Settings: Sendable {
    private let reader: ConfigReader

    /// Reads the settings once.
    ///
    /// - Parameters:
    ///   - file: the path of the file; nil for none.
    ///   - environment: the variables of the process.
    ///   - prefix: of the variables, in lower case and with dots: `broker.agent`.
    ///   - flags: settings given on the command line, by name.
    ///   - known: all settings that the program knows.
    /// - Throws: ``SettingsError`` where the file cannot be read, is malformed, or has an unknown name.
    package init(
        file: String?,
        environment: [String: String],
        prefix: String,
        flags: [String: String],
        known: [SettingKey]
    ) throws(SettingsError) {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(values: Self.values(flags.mapValues { .text($0) })),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(
                with: ConfigKey(prefix)
            ),
        ]
        if let file {
            let values = try SettingsFile(path: file, known: known.map(\.name)).values
            providers.append(InMemoryProvider(values: Self.values(values)))
        }
        reader = ConfigReader(providers: providers)
    }

    /// Reads settings as they are given on the command line, `name=value`.
    ///
    /// - Throws: ``SettingsError`` for one that is not known, or has no value.
    package static func flags(_ texts: [String], known: [SettingKey]) throws(SettingsError) -> [String: String] {
        var flags: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(where: { $0.name == parts[0] }) else {
                throw SettingsError("--set \(text): not a known setting with a value; --help lists them")
            }
            flags[parts[0]] = parts[1]
        }
        return flags
    }

    /// The text of `--help` that lists settings.
    package static func help(_ known: [SettingKey]) -> String {
        known.map { "  \($0.name)\n      \($0.summary)" + ($0.fallback.map { " (\($0))" } ?? "") }
            .joined(separator: "\n")
    }

    private static func values(_ values: [String: SettingsFile.Value]) -> [AbsoluteConfigKey: ConfigValue] {
        var result: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in values {
            let content: ConfigContent =
                switch value {
                case .text(let text): .string(text)
                case .list(let list): .stringArray(list)
                }
            result[AbsoluteConfigKey(ConfigKey(name))] = ConfigValue(content, isSecret: false)
        }
        return result
    }
}

// MARK: Reading

extension Settings {
    /// The text of a setting; nil where it is not given.
    package func string(_ name: String) -> String? {
        reader.string(forKey: ConfigKey(name))
    }

    /// The text of a setting that must be given.
    ///
    /// - Throws: ``SettingsError`` where it is not.
    package func required(_ name: String) throws -> String {
        guard let text = string(name), !text.isEmpty else { throw SettingsError("the setting '\(name)' is missing") }
        return text
    }

    /// A list of texts, in one text with commas between them where there are no lists; empty where it is not given.
    package func strings(_ name: String) -> [String] {
        let key = ConfigKey(name)
        if let list = reader.stringArray(forKey: key) { return list }
        return reader.string(forKey: key)?.split(separator: ",").map(String.init) ?? []
    }

    /// A whole number within limits; nil where it is not given.
    ///
    /// - Throws: ``SettingsError`` where it is no number or outside the limits.
    package func int(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = string(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw SettingsError(
                "the setting '\(name)' is '\(text)'; it takes a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// A duration such as `30s` or `10m`; nil where it is not given.
    ///
    /// - Throws: ``SettingsError`` where it is none or outside the limits.
    package func duration(_ name: String, in range: ClosedRange<Duration>) throws -> Duration? {
        guard let text = string(name) else { return nil }
        guard let duration = Duration(humanText: text), range.contains(duration) else {
            let limits = "\(range.lowerBound.humanText) to \(range.upperBound.humanText)"
            throw SettingsError("the setting '\(name)' is '\(text)'; it takes a duration from \(limits), such as 30s")
        }
        return duration
    }

    /// A yes or no; nil where it is not given.
    ///
    /// - Throws: ``SettingsError`` where it is neither.
    package func bool(_ name: String) throws -> Bool? {
        guard let text = string(name) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingsError("the setting '\(name)' is '\(text)'; it takes true or false")
        }
    }

    /// A host and a port; nil where it is not given.
    ///
    /// - Throws: ``SettingsError`` where it is neither.
    package func address(_ name: String) throws -> NetworkAddress? {
        guard let text = string(name) else { return nil }
        guard let address = NetworkAddress(text) else {
            throw SettingsError("the setting '\(name)' is '\(text)'; it takes HOST:PORT")
        }
        return address
    }

    /// One of some words; nil where it is not given.
    ///
    /// - Throws: ``SettingsError`` where it is another word.
    package func word<Word: RawRepresentable & CaseIterable>(_ name: String, as: Word.Type) throws -> Word?
    where Word.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("the setting '\(name)' is '\(text)'; it takes one of \(words)")
        }
        return word
    }
}
