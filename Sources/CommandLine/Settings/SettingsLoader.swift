// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Settings

/// Brings the settings together: flags, then environment, then file.
package struct SettingsLoader: Sendable {
    /// The settings, and what to tell the user about them.
    package struct Result: Hashable, Sendable {
        /// The settings.
        package let settings: Settings
        /// Sentences for stderr.
        package let warnings: [String]
    }

    private let environment: [String: String]

    /// Makes a loader for an environment.
    package init(environment: [String: String]) {
        self.environment = environment
    }

    /// Brings the settings together.
    ///
    /// - Parameters:
    ///   - flags: what the command line has.
    ///   - path: the file that the command line names; nil for the usual place, where a missing file is no fault.
    /// - Returns: the settings, and what to tell the user about them.
    /// - Throws: ``UsageError`` for a file that cannot be read.
    package func load(flags: Settings, path: String?) throws(UsageError) -> Result {
        let given = flags.orElse(Settings(environment: environment))
        guard let file = path ?? Settings.defaultPath(environment: environment) else {
            return Result(settings: given, warnings: given.warnings)
        }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            guard path == nil, !FileManager.default.fileExists(atPath: file) else {
                throw UsageError("cannot read the configuration file \(file)")
            }
            return Result(settings: given, warnings: given.warnings)
        }
        let stored = try Self.settings(Array(bytes), path: file)
        let all = given.orElse(stored)
        var warnings = all.warnings
        if stored.key != nil, isReadByOthers(file) {
            warnings.append("\(file) holds an API key and others can read it: chmod 600 \(file)")
        }
        return Result(settings: all, warnings: warnings)
    }

    private static func settings(_ bytes: [UInt8], path: String) throws(UsageError) -> Settings {
        let file: SettingsFile
        do throws(SettingsError) {
            file = try SettingsFile(bytes: bytes, path: path, known: ["url", "key", "ca_file"])
        } catch {
            throw UsageError(error.message)
        }
        func text(_ name: String) throws(UsageError) -> String? {
            switch file.values[name] {
            case .text(let text) where !text.isEmpty: return text
            case .text, .list: throw UsageError("\(path): '\(name)' takes a text")
            case nil: return nil
            }
        }
        return Settings(url: try text("url"), key: try text("key"), caFile: try text("ca_file"))
    }

    private func isReadByOthers(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
    }
}
